#pragma once
// What the workers know of each other's work: acknowledged holds and transfers to aim at, frames to send a second time,
// new accounts. Any thread. Bounded: the oldest entry makes room.
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "tests/crash/load_frame.hpp"

namespace payloom::crash {

class load_pool {
 public:
  /// Remembers what an answered frame brought: executed holds and single transfers, new accounts, orders, actions.
  void learn(const load_frame& frame);
  /// Offers a frame that was just sent, so that another worker may send it too.
  void offer(const load_frame& frame);

  std::optional<transfer_record> any_hold(std::uint64_t random) const;
  std::optional<transfer_record> any_posted(std::uint64_t random) const;
  std::optional<account_record> any_new_account(std::uint64_t random) const;
  /// A made order; a newer one more often.
  std::optional<order_record> any_order(std::uint64_t random) const;
  std::optional<order_action_record> any_action(std::uint64_t random) const;
  std::shared_ptr<const load_frame> any_frame(std::uint64_t random) const;

 private:
  static constexpr std::size_t kept_max = 4096;
  static constexpr std::size_t frames_max = 128;
  static constexpr std::size_t fresh_max = 96;  ///< few: commands shall meet on an order

  template <class T>
  struct ring {
    std::vector<T> items;
    std::size_t next = 0;
    void add(T item, std::size_t max) {
      if (items.size() < max) {
        items.push_back(std::move(item));
      } else {
        items[next++ % max] = std::move(item);
      }
    }
  };

  mutable std::mutex mutex_;  ///< guards all
  ring<transfer_record> holds_, posted_;
  ring<account_record> accounts_;
  ring<order_record> orders_, fresh_orders_;
  ring<order_action_record> actions_;
  ring<std::shared_ptr<const load_frame>> frames_;
};

}  // namespace payloom::crash
