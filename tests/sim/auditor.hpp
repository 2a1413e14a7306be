#pragma once
// The independent auditor of the simulation. It is told what was asked, what became durable, and what was answered; it
// replays the journal through its own model and says what was wrong. It shares nothing with the core but
// protocol/types. Single-threaded; never throws for wrong input: everything wrong becomes a violation.
//
// How to feed it: `submitted` when a frame enters the server; `journaled` for every durable event in order of sequence
// before any reply that rests on it; `finished` when the reply leaves; `restarted` after a crash, once the recovered
// rest of the journal was fed; `final_state` at the end. Then `violations()` must be empty.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tests/sim/combined_book.hpp"
#include "tests/sim/ledger_model.hpp"

namespace payloom::sim {

/// Events of payments with channels, by what they were.
struct payment_stats {
  std::uint64_t begun = 0, sent_again = 0, asked = 0;       ///< attempts, later attempts of a payment, queries
  std::uint64_t recharged = 0, paid_out = 0, sales = 0;     ///< successes by product
  std::uint64_t refunded_to_source = 0, returned_late = 0;  ///< money that went back through its channel
  std::uint64_t unknown_success = 0, unknown_rejected = 0;  ///< unknown first
  std::uint64_t late_success = 0, differs = 0, contradictions = 0, returned_payouts = 0;
  std::uint64_t cancelled_in_flight = 0, resolved = 0, failed = 0;
  std::uint64_t with_balance = 0, with_coupons = 0;  ///< successes to which these brought a part
  std::uint64_t checked = 0, checks_passed = 0, checks_refused = 0, checks_missed = 0;  ///< waited for checks; and then
  std::uint64_t optional_missed = 0, checks_cancelled = 0, refused_after_checks = 0;

  void add(const payment_stats& o);
};

/// Linked actions on orders.
struct linked_stats {
  std::uint64_t executed = 0;            ///< units
  std::uint64_t inside = 0;              ///< payments from balances in them
  std::uint64_t cancelled_together = 0;  ///< orders of a combined payment that was asked to end
  std::uint64_t replays = 0, replayed_refusals = 0;
  std::uint64_t refunded = 0;                    ///< refunds that went back to a combined payment's attempt
  std::map<result_code, std::uint64_t> by_code;  ///< of the culprit; ok: all of them

  void add(const linked_stats& o);
};

struct audit_stats {
  std::uint64_t requests = 0;  ///< events asked for
  std::uint64_t journal_events = 0;
  std::uint64_t replays = 0;  ///< answers with flag `replayed`
  std::uint64_t chains = 0;   ///< chain units executed
  std::uint64_t expiries = 0;
  std::uint64_t orders = 0, postings = 0, timers = 0;  ///< events of orders, their postings, timers among them
  payment_stats payments;                              ///< through channels
  linked_stats linked;
  std::uint64_t earlier_states = 0;  ///< answers true at a state before their as_of only
  std::map<result_code, std::uint64_t> by_code;
};

class auditor {
 public:
  explicit auditor(audit_options options = {});

  /// A frame enters the server. `received_at` is what the core sees as the frame's receipt; `durable_through` the last
  /// sequence fed so far (or an older one, for leniency). Returns the handle for `finished`.
  std::uint64_t submitted(const audit_request& request, time_ns received_at, commit_seq durable_through);

  /// The next durable event.
  void journaled(const journal_event& e);

  /// The reply of a frame, one result per record. `durable_through`: the last durable sequence when it left.
  /// `balances`: one per record if the frame asked for them, else empty.
  void finished(std::uint64_t handle, std::span<const result_record> results, commit_seq durable_through,
                std::span<const balances_result> balances = {});

  /// The server crashed and recovered `recovered_through` (all of which was fed). Unanswered frames are dropped:
  /// whether they happened is what the journal says.
  void restarted(commit_seq recovered_through);

  /// Every account of the system at rest, to be compared with the model; sums per ledger must be zero.
  void final_state(std::span<const account_snapshot> accounts);

  /// What was wrong, in words; the first `violations_max`.
  const std::vector<std::string>& violations() const { return violations_; }
  std::uint64_t violation_count() const { return violation_count_; }
  const audit_stats& stats() const { return stats_; }
  const combined_stats& combined() const { return combined_.stats(); }
  const ledger_model& model() const { return model_; }
  static constexpr std::size_t violations_max = 100;

 private:
  /// One request on its way: the records and which of them stand together.
  struct asked_frame {
    audit_request request;
    time_ns received_at = 0;
    commit_seq durable_through = 0;
    std::vector<std::uint32_t> unit_first, unit_size;  ///< per record
    bool open = false;                                 ///< the last unit is an open chain
    std::vector<commit_seq> journaled_at;              ///< per record: the event that it may have caused
  };
  struct asked_event {
    asked_frame* frame;
    std::uint32_t index;
  };
  struct asked_key {
    bool is_account;
    audit_key key;
    friend auto operator<=>(const asked_key&, const asked_key&) = default;
  };
  struct unit_ref {
    const asked_frame& frame;
    std::uint32_t first;
    std::uint32_t size;
    bool open;
    bool is_linked() const { return size > 1 || open; }
    std::span<const raw_record> records() const { return {frame.request.records.data() + first, size}; }
  };

  unit_ref unit_of(const asked_frame& f, std::uint32_t index) const;
  std::vector<verdict> evaluate(const unit_ref& u, commit_seq at) const;
  void complain(std::string what);

  // The journal's side (auditor_journal.cpp).
  void follow_unit(const journal_event& e);
  std::string judge_expiry(const journal_event& e) const;
  std::string judge(const journal_event& e, const asked_frame& f, std::uint32_t i);
  std::string judge_transfer(const journal_event& e, const asked_frame& f, std::uint32_t i) const;
  account_id account_of(tenant_id t, const transfer_record& r, bool credit) const;
  bool refused_on_its_own(const journal_event& e, const asked_frame& f, std::uint32_t i) const;
  std::string judge_refusal(const journal_event& e, const asked_frame& f, std::uint32_t i) const;
  bool amount_explained(const journal_event& e, const transfer_record& asked, const asked_frame& f) const;

  // Orders (auditor_orders.cpp).
  std::string order_differs(const journal_event& e, const order_outcome& o, time_ns earliest) const;
  std::string payment_differs(const payment_row& is, const journal_event& e) const;
  std::string judge_order(const journal_event& e, const asked_frame& f, std::uint32_t i);
  std::string judge_timer(const journal_event& e);
  std::string judge_checks_ended(const journal_event& e, const order_standing& before);
  std::string judge_order_refusal(const journal_event& e, const asked_frame& f, std::uint32_t i) const;
  bool accounts_refuse(tenant_id t, std::span<const transfer_record> legs, result_code code, commit_seq as_of,
                       std::span<const commit_seq> points, std::size_t first = 0,
                       std::size_t last = ~std::size_t{0}) const;
  bool refused_by_accounts(const unit_ref& u, const result_record& r, commit_seq durable_through) const;
  void expect_postings(const journal_event& e);
  bool follow_posting(const journal_event& e);
  bool follow_payment(const journal_event& e);
  void order_ends(const std::string& where);
  void count_payment(const payment_row& now);
  void orders_are_whole(const char* when);

  // Linked actions (auditor_linked.cpp).
  std::string judge_linked(const journal_event& e, const asked_frame& f, std::uint32_t i);
  std::string judge_linked_refusal(const journal_event& e, const asked_frame& f, std::uint32_t i) const;
  bool missed_alone(const journal_event& e, std::span<const raw_record> records, std::uint32_t member,
                    time_ns received_at, std::span<const commit_seq> points) const;
  std::string linked_payment_differs(const payment_row& is, const journal_event& e);
  void linked_goes_on(const journal_event& e, const std::string& where);
  void linked_counts(const journal_event& e, const std::string& where);
  void follow_combined(const payment_row& p, const std::string& where);
  void count_linked_answer(std::span<const result_record> r);

  // The replies' side (auditor_replies.cpp).
  void check_unit(asked_frame& f, const unit_ref& u, std::span<const result_record> r, commit_seq durable_through);
  void check_executed(asked_frame& f, const unit_ref& u, std::span<const result_record> r);
  bool claim(asked_frame& f, const unit_ref& u, std::uint32_t i, const result_record& r);
  void check_refusal(asked_frame& f, const unit_ref& u, std::span<const result_record> r, std::uint32_t culprit);
  void check_answer(const unit_ref& u, std::span<const result_record> r, commit_seq durable_through);
  void check_balances(const asked_frame& f, std::uint32_t i, const balances_result& b);
  void release(asked_frame& f, std::uint32_t i, const result_record& r);
  bool table_may_be_full(const unit_ref& u, commit_seq at) const;

  audit_options options_;
  ledger_model model_;
  std::map<std::uint64_t, asked_frame> frames_;
  std::multimap<asked_key, asked_event> asked_;
  std::uint64_t next_handle_ = 1;
  time_ns last_time_ = 0;
  std::uint32_t unit_next_ = 0, unit_size_ = 1;  ///< the chain that the journal is in: next member, members
  commit_seq unit_begin_ = 0;                    ///< its first sequence
  std::vector<transfer_record> unit_members_;    ///< what it moved so far
  std::vector<transfer_record> due_legs_;        ///< what the order event before must be followed by
  std::size_t next_leg_ = 0;
  bool payment_due_ = false;  ///< and then by its payment
  journal_event order_now_;   ///< that event
  order_outcome made_;        ///< what the rules make of it
  order_standing before_;     ///< how the order stood; has_payment only when it had one
  time_ns decided_from_ = 0;  ///< it cannot have been decided before
  /// Linked actions that were asked for, and what the rules make of them.
  struct linked_unit {
    std::vector<raw_record> records;
    std::vector<order_outcome> outcomes;
  };
  using linked_units = std::vector<std::shared_ptr<const linked_unit>>;
  linked_units linked_, linked_now_;  ///< those that the journal may be in; those that the newest event fits
  std::uint32_t linked_next_ = 0;     ///< which of their actions comes next; 0: the journal is in none
  combined_book combined_;
  std::vector<std::string> violations_;
  std::uint64_t violation_count_ = 0;
  audit_stats stats_;
};

}  // namespace payloom::sim
