#include "tests/crash/load_worker.hpp"

#include "tests/support/connect.hpp"
#include "tests/support/pacer.hpp"

namespace payloom::crash {
namespace {

constexpr std::uint64_t offer_every = 6;  ///< frames
constexpr std::uint32_t offered_events_max = 250;

}  // namespace

load_worker::load_worker(settings how, const account_plan& plan, load_pool& pool)
    : how_(std::move(how)), pool_(pool), maker_(how_.seed, plan, pool) {}

void load_worker::run(const std::atomic<bool>& killing) {
  try {
    client::blocking_connection to = support::connect(how_.address);
    const support::pacer pace(how_.events_per_second);
    for (;;) {
      if (how_.events_max == 0 || events_ < how_.events_max) fill_window(to);
      if (in_flight_.empty()) return;
      take(to.receive());
      pace.keep(events_);
    }
  } catch (const std::exception& e) {
    if (!killing) ended_early = e.what();
  }
}

void load_worker::fill_window(client::blocking_connection& to) {
  while (in_flight_.size() < how_.window) {
    if (ready_.empty()) {
      for (load_frame& f : maker_.next()) ready_.push_back(std::move(f));
    }
    frames.push_back(std::move(ready_.front()));
    ready_.pop_front();
    const load_frame& frame = frames.back();
    events_ += frame.count;
    if (++sent_ % offer_every == 0 && frame.count <= offered_events_max) pool_.offer(frame);
    in_flight_[to.send(frame.type, frame.records, frame.count)] = frames.size() - 1;
  }
}

void load_worker::take(const client::reply& reply) {
  const auto found = in_flight_.find(reply.header.request);
  if (found == in_flight_.end()) return;  // goaway
  load_frame& frame = frames[found->second];
  in_flight_.erase(found);
  if (reply.code() != result_code::ok) {
    result_record refused{};
    refused.code = reply.code();
    frame.results.assign(frame.count, refused);
    return;
  }
  const auto results = reply.rows<result_record>();
  if (results.size() != frame.count) throw client::connection_lost("a reply with too few results");
  frame.results.assign(results.begin(), results.end());
  pool_.learn(frame);
}

}  // namespace payloom::crash
