#pragma once
// The ledger a second time: sequential, in maps, without any cleverness, from actors/core/RULES.md alone. It keeps
// every older value of what can change, so that it can answer "what would have been the result at commit S?".
// Single-threaded. Owns its whole state.
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tests/sim/order_rules.hpp"

namespace payloom::sim {

/// What an account was from commit `from` until the next version.
struct account_version {
  commit_seq from = 0;
  account_counters sums;
  u128 limit_minor = 0;
  std::uint16_t flags = 0;
};

struct model_account {
  account_record created{};
  commit_seq sequence = 0;
  time_ns timestamp = 0;
  std::vector<account_version> versions;
  std::size_t trim_at = 64;
  bool claimed = false;  ///< the auditor's: somebody was told that this was executed
  std::uint32_t candidates = 0;
};

enum class command_state : std::uint8_t { executed, refused, sealed };
enum class hold_end : std::uint8_t { open, captured, voided, expired };

/// Everything known under one (tenant, id).
struct model_command {
  frame_type type{};  ///< create_transfers or change_accounts; seal_transfers for a sealed id
  command_state state{};
  result_code code = result_code::ok;
  commit_seq sequence = 0;  ///< its own commit
  commit_seq as_of = 0;     ///< refusals
  time_ns timestamp = 0;
  raw_record record;
  std::uint32_t unit_index = 0, unit_size = 1;
  hold_end end = hold_end::open;
  commit_seq ended_by = 0;
  std::vector<std::pair<commit_seq, u128>> reversed;  ///< running totals: (commit, sum from then on)
  bool claimed = false;                               ///< the auditor's, see model_account
  std::uint32_t candidates = 0;
};

/// An order since one of its events.
struct order_version {
  commit_seq from = 0;
  order_row row{};
  std::shared_ptr<const payment_row> payment;

  order_standing standing() const {
    order_standing s{row, {}, payment != nullptr, from};
    if (payment) s.payment = *payment;
    return s;
  }
};

/// What the model answers to one event.
struct verdict {
  result_code code = result_code::ok;
  bool replayed = false;
  commit_seq sequence = 0;  ///< replays: what the stored result says
  time_ns timestamp = 0;
  transfer_record completed{};    ///< ok transfers: what the journal must say
  std::uint16_t flags_after = 0;  ///< ok changes
  u128 limit_after = 0;
};

/// The state that an evaluation looks at: ids and targets at one commit, accounts at another (a chain member sees its
/// chain's earlier movements on accounts, never its chain's own ids), and movements not yet committed on top.
struct model_view {
  commit_seq ids_at = 0;
  commit_seq accounts_at = 0;
  std::map<audit_key, account_version> moved;
  std::map<audit_key, commit_seq> stood_at{};  ///< accounts that are looked at as they stood at another commit
};

class ledger_model {
 public:
  explicit ledger_model(audit_options options = {}) : options_(std::move(options)) {}

  // ---- questions: nothing changes
  /// One unit: a single transfer, or a whole chain. `open`: the frame ended inside it.
  std::vector<verdict> transfers(tenant_id t, std::span<const transfer_record> unit, bool open, time_ns now,
                                 commit_seq at) const;
  verdict transfer(tenant_id t, const transfer_record& r, time_ns now, const model_view& view) const;
  /// Counts what an earlier member of a chain moves; nothing where an account does not exist.
  void move_on_top(tenant_id t, const transfer_record& r, model_view& view) const;
  verdict account(tenant_id t, const account_record& r, time_ns now, commit_seq at) const;
  verdict change(tenant_id t, const account_change_record& r, commit_seq at) const;
  verdict seal(tenant_id t, u128 id, commit_seq at) const;
  /// create_orders and act_on_orders (ledger_model_orders.cpp): content, id, and what `order_outcome_at` says.
  /// `made`: where the outcome goes, if it was asked for.
  verdict order_command(frame_type type, tenant_id t, const raw_record& r, time_ns now, commit_seq at,
                        order_outcome* made = nullptr) const;
  /// Linked actions (linked_rules.cpp): all of them, or none. `made`: what each makes of its order, when only accounts
  /// may refuse.
  std::vector<verdict> linked_actions(tenant_id t, std::span<const raw_record> unit, bool open, time_ns now,
                                      commit_seq at, std::vector<order_outcome>* made = nullptr) const;
  /// What a new command makes of its order as it stood at `at`, whatever its id and the accounts; 220: there is none.
  order_outcome order_outcome_at(frame_type type, tenant_id t, const raw_record& r, time_ns now, commit_seq at) const;
  /// Whether the accounts let all postings pass, each on top of those before it: the first code, or `ok`.
  result_code postings(tenant_id t, std::span<const transfer_record> legs, model_view view) const;
  /// Any unit of any frame type.
  std::vector<verdict> unit(frame_type type, tenant_id t, std::span<const raw_record> unit, bool open, time_ns now,
                            commit_seq at) const;
  /// The commits in [from, to] at which the answer to this unit may have changed, newest first; ends with `from`.
  std::vector<commit_seq> turning_points(frame_type type, tenant_id t, std::span<const raw_record> unit,
                                         commit_seq from, commit_seq to) const;
  /// Holds whose time has come at `now` and that are still open, with their tenant. Drops resolved ones from its list.
  std::vector<std::pair<tenant_id, transfer_record>> due(time_ns now);

  const model_account* find_account(tenant_id t, account_id id) const;
  const model_command* find_command(tenant_id t, u128 id) const;
  model_account* find_account(tenant_id t, account_id id);
  model_command* find_command(tenant_id t, u128 id);
  const order_version* order_at(tenant_id t, order_id id, commit_seq at) const;
  bool has_posting(tenant_id t, u128 id) const { return postings_.contains({t, id}); }
  /// Escrow, frozen, transit and suspense accounts hold what orders keep there, owned by a live payment or an open
  /// case; else what is wrong.
  std::string money_of_orders(tenant_id t, ledger_id ledger, owner_number user) const;
  std::string money_of_orders() const;
  const std::map<audit_key, std::vector<order_version>>& orders() const { return orders_; }
  const std::map<audit_key, model_account>& accounts() const { return accounts_; }
  /// The version that stood at `at`; null before the account's creation or before what was trimmed away.
  static const account_version* version_at(const model_account& a, commit_seq at);
  commit_seq head() const { return head_; }

  // ---- facts: applied as told, in order of sequence; the auditor has judged them before
  void apply(const journal_event& e);
  /// Older versions than the one that stood at `oldest` are no longer asked for.
  void forget_before(commit_seq oldest) { oldest_ = oldest; }
  /// The process began again: whom it had asked, it asks again at once.
  void restarted() { restart_ = head_; }
  /// An order as the server finds it since.
  order_standing standing(const order_version& v) const;

 private:
  const model_command* command_at(tenant_id t, u128 id, commit_seq at) const;
  const account_version* look(tenant_id t, account_id id, const model_view& view) const;
  verdict known_order_command(frame_type type, tenant_id t, const raw_record& r, commit_seq at) const;
  std::uint32_t cancelled_together(tenant_id t, std::span<const order_action_record> all, const order_version& v,
                                   commit_seq at) const;
  verdict stored_transfer(const transfer_record& r, const model_command& c) const;
  result_code resolve_hold(tenant_id t, transfer_record& r, commit_seq at) const;
  result_code resolve_original(tenant_id t, transfer_record& r, commit_seq at) const;
  result_code check_accounts(tenant_id t, transfer_record& r, const model_view& view) const;
  bool replay_chain(tenant_id t, std::span<const transfer_record> unit, time_ns now, commit_seq at,
                    std::vector<verdict>& out) const;
  u128 held_amount(tenant_id t, const transfer_record& r) const;
  account_version& new_version(model_account& a, commit_seq at);
  void apply_transfer(const journal_event& e);
  void apply_order(const journal_event& e);
  void apply_payment(const journal_event& e);
  void count_money(tenant_id t, const order_version& v, bool comes);
  void add_order_points(tenant_id t, const order_row& o, commit_seq from, commit_seq to,
                        std::set<commit_seq, std::greater<>>& points) const;
  void note_target(tenant_id t, const transfer_record& r, commit_seq at);

  audit_options options_;
  std::map<audit_key, model_account> accounts_;
  std::unordered_map<audit_key, model_command, audit_key_hash> commands_;
  std::map<audit_key, std::vector<order_version>> orders_;
  std::unordered_set<audit_key, audit_key_hash> postings_;             ///< ids of postings
  std::map<std::pair<tenant_id, ledger_id>, order_money> on_the_way_;  ///< all but frozen money
  audit_key newest_order_;                                             ///< of the order event applied last
  std::map<std::tuple<tenant_id, ledger_id, owner_number>, u128> frozen_;
  std::multimap<time_ns, audit_key> timeouts_;  ///< when holds expire, resolved ones included
  commit_seq head_ = 0;
  commit_seq oldest_ = 0;
  commit_seq restart_ = 0;
};

/// What `account` leaves by formula 130 (debits) or 131 (credits), for balancing.
u128 left_to_debit(const account_version& v);
u128 left_to_credit(const account_version& v);

}  // namespace payloom::sim
