#include "actors/app/subscription_pusher.hpp"

#include <algorithm>
#include <cstring>

namespace payloom::app {

namespace {
constexpr std::uint64_t row_bytes = sizeof(order_event_row);

net::pushed_frame frame_of(const subscription& s) {
  net::pushed_frame out;
  out.owner = s.to.owner;
  out.header.type = static_cast<std::uint16_t>(frame_type::pushed_events);
  out.header.request = s.to.request;
  out.header.tenant = s.durable.tenant;
  out.header.context_id = s.durable.name;
  out.rows = std::make_unique<net::reply_rows>();
  out.rows->sequence = s.reader.looked;
  return out;
}
}  // namespace

void subscription_pusher::make_room(subscription_book& book) {
  in_turn_.clear();
  readers_.clear();
  for (auto& [key, s] : book.all()) {
    if (!s.pushing()) continue;
    if (s.to.lane->open()) {
      in_turn_.push_back(&s);
    } else {
      s.end();
    }
  }
  pushing_ = in_turn_.size();
  if (in_turn_.empty()) return;
  const std::uint64_t unsent = unsent_bytes();
  std::uint64_t spare = unsent < total_bytes_max ? (total_bytes_max - unsent) / row_bytes : 0;
  ++turn_;
  for (std::size_t i = 0; i < in_turn_.size(); ++i) {
    subscription& s = *in_turn_[(turn_ + i) % in_turn_.size()];
    const std::uint64_t behind = s.to.lane->unsent();
    const std::size_t sure = behind == 0 ? frame_rows_sure : 0;
    std::size_t room = s.to.window > s.waiting.size() ? s.to.window - s.waiting.size() : 0;
    if (behind >= lane_bytes_max) room = 0;
    room = std::min({room, frame_rows_max, static_cast<std::size_t>(std::max<std::uint64_t>(sure, spare))});
    if (room > sure) spare -= std::min<std::uint64_t>(spare, room);
    s.reader.room = room;
    if (room != 0) readers_.push_back(&s.reader);
  }
}

std::uint64_t subscription_pusher::push(subscription_book& book) {
  std::uint64_t events = 0;
  for (auto& [key, s] : book.all()) {
    s.reached = std::max(s.reached, s.reader.looked);
    if (s.reader.rows.empty()) continue;
    events += s.reader.rows.size();
    push_one(s);
    s.reader.rows.clear();
    // A round's rows are not kept: one that got many once is not to hold their memory for ever.
    if (s.reader.rows.capacity() > frame_rows_sure) s.reader.rows.shrink_to_fit();
  }
  return events;
}

void subscription_pusher::push_one(subscription& s) {
  const auto& rows = s.reader.rows;
  for (const order_event_row& row : rows) s.waiting.push_back({row.sequence, row.timestamp});
  s.pushed = rows.back().sequence;
  net::pushed_frame frame = frame_of(s);
  frame.rows->bytes.resize(rows.size() * row_bytes);
  std::memcpy(frame.rows->bytes.data(), rows.data(), frame.rows->bytes.size());
  frame.rows->record_count = static_cast<std::uint32_t>(rows.size());
  frame.rows->cursor = s.pushed;
  frame.rows->charge = net::push_charge(s.to.lane, frame.rows->bytes.size());
  s.to.port->push(std::move(frame));
}

void subscription_pusher::push_end(const subscription& s, result_code why) {
  if (!s.pushing()) return;
  net::pushed_frame frame = frame_of(s);
  frame.rows->code = why;
  frame.rows->cursor = s.pushed;
  s.to.port->push(std::move(frame));
}

}  // namespace payloom::app
