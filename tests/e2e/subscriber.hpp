#pragma once
// A connection with subscriptions, frame by frame: what is pushed while an answer is awaited is kept.
#include <map>
#include <vector>

#include "protocol/types/payment_records.hpp"
#include "protocol/types/subscription_records.hpp"
#include "tests/support/connect.hpp"

namespace payloom::e2e {

class subscriber {
 public:
  explicit subscriber(const std::string& address) : to_(support::connect(address)) {}

  /// What came for a request that subscribed.
  struct feed {
    std::vector<order_event_row> rows;
    bool ended = false;
    result_code ended_by = result_code::ok;
    commit_seq cursor = 0;
  };

  static subscribe_record ask_for(u128 name, std::uint32_t window = 1000) {
    subscribe_record r{};
    r.name = name;
    r.window = window;
    return r;
  }
  /// The reply; `request` is the subscription's on this connection.
  client::reply subscribe(const subscribe_record& asked, std::uint64_t& request) {
    request = to_.send(frame_type::subscribe, std::as_bytes(std::span(&asked, 1)), 1);
    return answer(request);
  }
  client::reply subscribe(const subscribe_record& asked) { return subscribe(asked, newest_); }
  client::reply acknowledge(u128 name, commit_seq sequence, std::uint32_t flags = 0) {
    acknowledge_record r{};
    r.name = name;
    r.sequence = sequence;
    r.flags = flags;
    return answer(to_.send(frame_type::acknowledge, std::as_bytes(std::span(&r, 1)), 1));
  }
  /// Everything that the server had sent before it read this is here afterwards.
  void settle() { answer(to_.send(frame_type::ping, {}, 0)); }
  /// Waits until `count` events came, or the last frame.
  feed& wait(std::uint64_t request, std::size_t count) {
    while (feeds_[request].rows.size() < count && !feeds_[request].ended) take(to_.receive());
    return feeds_[request];
  }
  feed& wait(std::size_t count) { return wait(newest_, count); }
  /// Waits for the frame that ends a subscription.
  feed& wait_end(std::uint64_t request) {
    while (!feeds_[request].ended) take(to_.receive());
    return feeds_[request];
  }
  feed& wait_end() { return wait_end(newest_); }
  client::blocking_connection& connection() { return to_; }

  static subscription_row row_of(const client::reply& r) {
    EXPECT_EQ(name_of(r.code()), "ok");
    const auto rows = r.rows<subscription_row>();
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? subscription_row{} : rows.front();
  }

 private:
  client::reply answer(std::uint64_t request) {
    while (true) {
      client::reply r = to_.receive();
      const bool pushed = r.header.type == static_cast<std::uint16_t>(frame_type::pushed_events);
      if (!pushed && r.header.request == request) return r;
      take(r);
    }
  }
  void take(const client::reply& r) {
    if (r.header.type != static_cast<std::uint16_t>(frame_type::pushed_events)) return;
    feed& f = feeds_[r.header.request];
    EXPECT_FALSE(f.ended) << "something came behind the last frame";
    const auto rows = r.rows<order_event_row>();
    f.rows.insert(f.rows.end(), rows.begin(), rows.end());
    f.cursor = r.header.cursor;
    if (!rows.empty()) {
      EXPECT_EQ(r.header.cursor, rows.back().sequence);
    }
    f.ended = rows.empty();
    f.ended_by = r.code();
  }

  client::blocking_connection to_;
  std::map<std::uint64_t, feed> feeds_;
  std::uint64_t newest_ = 0;
};

}  // namespace payloom::e2e
