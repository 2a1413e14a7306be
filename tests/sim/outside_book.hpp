#pragma once
// What the channels really did, kept outside of every process of the simulation: it outlives crashes. It says when an
// attempt is sent twice, or a second one although the first may have moved money, and at the end whether the books say
// of every order what the channels say. Single-threaded.
#include <functional>
#include <map>
#include <string>

#include "actors/core/channels/simulated_channel.hpp"
#include "tests/sim/audit_types.hpp"

namespace payloom::sim {

class outside_book {
 public:
  explicit outside_book(std::function<void(std::string)> complain) : complain_(std::move(complain)) {}

  /// A process began.
  void restarted() { ++process_; }
  /// A channel is called. `kept_back`: the desk said at once that nothing left.
  void called(const core::channel_call& c, bool kept_back);
  /// An order's shard took this fact: it had its effect, or none.
  void heard(tenant_id t, const channel_fact_record& f);
  /// A durable event: postings of orders on channels' accounts, and what people decided.
  void durable(const journal_event& e);

  /// Compares books and channels, order by order. `standing` says how an order is in the end.
  void compare(const std::function<bool(const audit_key&)>& is_at_rest);

  std::uint64_t asked_again() const { return asked_again_; }
  std::uint64_t compared() const { return compared_; }
  /// Attempts of which something went back.
  std::uint64_t sources_compared() const { return sources_compared_; }

 private:
  /// One order's; of a combined payment each order has its own, with one fate.
  struct attempt {
    core::channel_call call;
    core::simulated_fate fate;
    bool left = false;         ///< it reached the channel
    bool later_heard = false;  ///< what came by itself, after a final answer
    std::uint64_t process = 0;
  };
  struct order {
    std::vector<u128> attempts;
    std::int64_t booked = 0;  ///< on channels' accounts, in minor units: came minus went
    bool by_people = false;   ///< they decided what nobody knew
  };
  static bool moved(const attempt& a) {
    using enum channel_outcome;
    return a.left &&
           (a.fate.first == success || a.fate.later == success || (a.fate.first == unknown && a.fate.truth == success));
  }
  static u128 part_of(const attempt& a);
  static u128 number_of(const core::channel_call& c);
  std::int64_t truth_of(const attempt& a) const;
  void goes_back(const core::channel_call& c);
  void compare_refunds();

  std::function<void(std::string)> complain_;
  std::map<audit_key, attempt> attempts_;            ///< by number, each order's own
  std::map<audit_key, std::vector<u128>> combined_;  ///< orders' own numbers, by the one that their channel knows
  std::map<audit_key, order> orders_;
  std::uint64_t process_ = 0, asked_again_ = 0, compared_ = 0, sources_compared_ = 0;
};

}  // namespace payloom::sim
