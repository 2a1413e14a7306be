#include "tests/crash/event_subscriber.hpp"

#include <algorithm>

#include "protocol/types/u128_text.hpp"
#include "tests/crash/life_book.hpp"
#include "tests/support/connect.hpp"

namespace payloom::crash {
namespace {

constexpr int attempts_max = 400;  ///< to subscribe, while the server says that it passes
constexpr auto between_attempts = std::chrono::milliseconds(20);

bool is(const client::reply& r, frame_type type) { return r.header.type == static_cast<std::uint16_t>(type); }

}  // namespace

void event_subscriber::wrong(const std::string& what) {
  found_.problem(found_.wrong, "subscription " + to_hex(how_.name) + ": " + what);
}

void event_subscriber::begin(const std::string& address) {
  thread_ = std::thread([this, address] {
    try {
      client::blocking_connection to = support::connect(address);
      subscribe(to);
      while (take(to, to.receive())) {
      }
    } catch (const client::connection_lost&) {  // the kill
    } catch (const client::connect_failure&) {
    }
  });
}

void event_subscriber::end() {
  if (thread_.joinable()) thread_.join();
  tell();
}

/// The thread has a verdict of its own.
void event_subscriber::tell() {
  verdict_.lost += found_.lost;
  verdict_.duplicated += found_.duplicated;
  verdict_.wrong += found_.wrong;
  for (std::string& problem : found_.problems)
    if (verdict_.problems.size() < verdict::problems_kept) verdict_.problems.push_back(std::move(problem));
  found_ = {};
}

/// Under the same name for ever: it goes on behind what was acknowledged.
void event_subscriber::subscribe(client::blocking_connection& to) {
  subscribe_record ask{};
  ask.name = how_.name;
  ask.merchant = how_.merchant;
  ask.window = how_.window;
  acknowledging_.clear();
  open_.clear();
  versions_.clear();
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    request_ = to.send(frame_type::subscribe, std::as_bytes(std::span(&ask, 1)), 1);
    const client::reply r = to.receive();  // nothing is pushed before the answer
    if (r.code() == result_code::ok) {
      const subscription_row row = r.rows<subscription_row>().front();
      last_ = row.acknowledged;
      if (row.acknowledged < confirmed_) {
        found_.problem(found_.lost, "subscription " + to_hex(how_.name) + " was acknowledged to " +
                                        std::to_string(confirmed_) + ", the server goes on behind " +
                                        std::to_string(row.acknowledged));
      }
      // What it was not asked to, it may only have passed because nothing there was for this one: `compare` sees.
      unsure_.erase(unsure_.begin(), unsure_.upper_bound(row.acknowledged));
      return;
    }
    if (describe(r.code()).klass == result_class::final) break;
    std::this_thread::sleep_for(between_attempts);
  }
  wrong("it cannot be gone on with");
  throw client::connection_lost("refused");
}

bool event_subscriber::take(client::blocking_connection& to, const client::reply& r) {
  if (is(r, reply_type(frame_type::acknowledge))) {
    take_confirmation(r);
    make_room(to);
    return true;
  }
  if (!is(r, frame_type::pushed_events) || r.header.request != request_) return true;
  const auto rows = r.rows<order_event_row>();
  if (rows.empty()) return false;
  for (const order_event_row& row : rows) take_event(row);
  if (r.header.cursor != rows.back().sequence) wrong("a frame's cursor is not its last event");
  if (acknowledging_.empty() && engine_() % 100 < how_.acknowledge_percent)
    acknowledge(to, rows[engine_() % rows.size()].sequence, 0);  // all of it, or a part
  make_room(to);
  return true;
}

void event_subscriber::take_event(const order_event_row& row) {
  const std::uint64_t digest = add_to_digest(0, row);
  if (row.sequence <= last_) {
    wrong("event " + std::to_string(row.sequence) + " came behind " + std::to_string(last_));
  }
  last_ = row.sequence;
  open_.push_back(row.sequence);
  std::uint32_t& version = versions_[lo64(row.event.order.id.value) ^ hi64(row.event.order.id.value)];
  if (row.event.order.version <= version)
    wrong("version " + std::to_string(row.event.order.version) + " of an order came behind version " +
          std::to_string(version));
  version = row.event.order.version;
  if (row.sequence > newest_) {
    newest_ = row.sequence;
    ++pushed_;
    received_.push_back({row.sequence, digest});
    unsure_.emplace(row.sequence, digest);
    return;
  }
  ++repeated_;
  const auto before = unsure_.find(row.sequence);
  if (before == unsure_.end()) {
    found_.problem(found_.duplicated, "subscription " + to_hex(how_.name) + ": event " + std::to_string(row.sequence) +
                                          " came again behind its acknowledgement");
  } else if (before->second != digest) {
    wrong("event " + std::to_string(row.sequence) + " came again and says something else");
  }
}

void event_subscriber::acknowledge(client::blocking_connection& to, commit_seq sequence, std::uint32_t flags) {
  acknowledge_record ack{};
  ack.name = how_.name;
  ack.sequence = sequence;
  ack.flags = flags;
  while (!open_.empty() && open_.front() <= sequence) open_.pop_front();
  acknowledging_[to.send(frame_type::acknowledge, std::as_bytes(std::span(&ack, 1)), 1)] = sequence;
}

/// A window that is full would stay so.
void event_subscriber::make_room(client::blocking_connection& to) {
  if (acknowledging_.empty() && open_.size() > how_.window / 2) acknowledge(to, open_.back(), 0);
}

/// The answer says that it is durable.
void event_subscriber::take_confirmation(const client::reply& r) {
  const auto asked = acknowledging_.find(r.header.request);
  if (asked == acknowledging_.end()) return;
  const commit_seq sequence = asked->second;
  acknowledging_.erase(asked);
  if (r.code() != result_code::ok) {
    const bool passes = describe(r.code()).klass != result_class::final;
    if (!passes) wrong("an acknowledgement is refused: " + std::string(name_of(r.code())));
    return;
  }
  const commit_seq said = r.rows<subscription_row>().front().acknowledged;
  if (said < sequence) wrong("an acknowledgement was answered and not taken");
  confirmed_ = std::max(confirmed_, said);
  unsure_.erase(unsure_.begin(), unsure_.upper_bound(confirmed_));
  ++confirmations_;
}

void event_subscriber::expect(const order_event_row& row) {
  if (how_.merchant != 0 && row.event.order.merchant != how_.merchant) return;
  expected_.push_back({row.sequence, add_to_digest(0, row)});
}

/// What was expected and what came, as far as there are both.
void event_subscriber::compare() {
  for (; !expected_.empty() && !received_.empty(); expected_.pop_front(), received_.pop_front()) {
    const seen must = expected_.front(), is = received_.front();
    if (must.sequence == is.sequence && must.digest == is.digest) continue;
    found_.problem(must.sequence < is.sequence ? found_.lost : found_.wrong,
                   "subscription " + to_hex(how_.name) + ": event " + std::to_string(is.sequence) +
                       " was pushed where event " + std::to_string(must.sequence) + " is the next");
    expected_.clear();  // one problem is enough
    received_.clear();
  }
}

void event_subscriber::catch_up(client::blocking_connection to) {
  compare();
  const commit_seq through = expected_.empty() ? newest_ : expected_.back().sequence;
  try {
    subscribe(to);
    while (newest_ < through || !acknowledging_.empty())
      if (!take(to, to.receive())) throw client::connection_lost("it ended by itself");
    acknowledge(to, last_, acknowledge_flags::end);
    while (!acknowledging_.empty()) take(to, to.receive());
  } catch (const client::connection_lost& e) {
    found_.problem(found_.lost, "subscription " + to_hex(how_.name) + ": events up to " + std::to_string(through) +
                                    " are there, up to " + std::to_string(newest_) + " were pushed: " + e.what());
  }
  compare();
  tell();
}

}  // namespace payloom::crash
