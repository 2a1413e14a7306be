#include "tests/crash/load_worker.hpp"

#include <algorithm>
#include <thread>

namespace payloom::crash {
namespace {

constexpr std::uint32_t reply_patience_ms = 30'000;
constexpr std::uint64_t offer_every = 6;  ///< frames
constexpr std::uint32_t offered_events_max = 250;
constexpr double nap_seconds_max = 0.05;

}  // namespace

load_worker::load_worker(settings how, const account_plan& plan, load_pool& pool)
    : how_(std::move(how)), pool_(pool), maker_(how_.seed, plan, pool) {}

void load_worker::run(const std::atomic<bool>& killing) {
  began_ = std::chrono::steady_clock::now();
  try {
    client::connect_options options;
    options.address = how_.address;
    options.client_name = "crash worker";
    options.timeout_ms = reply_patience_ms;
    client::blocking_connection to(options);
    for (;;) {
      if (how_.events_max == 0 || events_ < how_.events_max) fill_window(to);
      if (in_flight_.empty()) return;
      take(to.receive());
      pace();
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

void load_worker::pace() const {
  if (how_.events_per_second <= 0) return;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began_;
  const double ahead = static_cast<double>(events_) / how_.events_per_second - passed.count();
  if (ahead > 0) std::this_thread::sleep_for(std::chrono::duration<double>(std::min(ahead, nap_seconds_max)));
}

}  // namespace payloom::crash
