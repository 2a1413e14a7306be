#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/verbs.hpp"

#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::string id, debit, credit, amount, ledger, flags, target, effective_at;
  std::uint16_t code = 0;
  std::uint32_t timeout_s = 0;
  bool balances = false;
  user_data_options data;
};

transfer_record record_of(const arguments& a) {
  transfer_record t{};
  t.id.value = a.id.empty() ? client::id_generator().next() : parse_id_text("--id", a.id);
  if (!a.debit.empty()) t.debit_account.value = parse_id_text("--debit", a.debit);
  if (!a.credit.empty()) t.credit_account.value = parse_id_text("--credit", a.credit);
  if (!a.target.empty()) t.target_id.value = parse_id_text("--target", a.target);
  if (!a.ledger.empty()) t.ledger = parse_ledger_text(a.ledger);
  t.flags = parse_flags_text(wire::field_kind::transfer_flags, a.flags);
  t.code = a.code;
  // Captures and reversals without an amount take all that is left; a void takes everything anyway.
  if (!a.amount.empty()) {
    if (t.ledger == 0) throw usage_error("--amount needs --ledger: it says how many decimals there are");
    t.amount_minor = parse_amount_text(t.ledger, a.amount);
  } else if ((t.flags & (transfer_flags::capture | transfer_flags::reversal)) != 0) {
    t.amount_minor = u128_max;
  }
  t.timeout_s = a.timeout_s;
  if (!a.effective_at.empty()) t.effective_at = parse_time_text(a.effective_at);
  a.data.fill(t);
  return t;
}

int run_transfer_create(const arguments& a) {
  auto [t, server] = made_and_connected(a.common, [&] { return record_of(a); });
  const client::reply answer = ask(server, frame_type::create_transfers, std::span<const transfer_record>(&t, 1),
                                   a.balances ? frame_flags::want_balances : std::uint16_t{0});
  json more{{"id", to_hex(t.id.value)}};
  if (a.balances && answer.body.size() >= sizeof(balances_result)) {
    const balances_result& b = answer.rows<balances_result>()[0];
    const auto sums = [](const account_counters& c) {
      return json{{"debits_posted", to_decimal(c.debits_posted)},
                  {"credits_posted", to_decimal(c.credits_posted)},
                  {"debits_pending", to_decimal(c.debits_pending)},
                  {"credits_pending", to_decimal(c.credits_pending)}};
    };
    if ((b.result.flags & result_flags::balances) != 0) {
      more["amount_minor"] = to_decimal(b.amount_minor);
      more["debit_account"] = sums(b.debit);
      more["credit_account"] = sums(b.credit);
    }
  }
  return print_result(more, *reinterpret_cast<const result_record*>(answer.body.data()), a.common.json);
}

}  // namespace

void add_transfer_create(CLI::App& transfer, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = transfer.add_subcommand("create", "Moves money: transfer, hold, capture, void, reversal");
  add_common(*verb, a->common);
  verb->add_option("--id", a->id, "Its id (default: a random one); repeating it can never pay twice");
  verb->add_option("--debit", a->debit, "Account that pays");
  verb->add_option("--credit", a->credit, "Account that receives");
  verb->add_option("--amount", a->amount, "Amount in the ledger's currency, for example 12.34");
  verb->add_option("--ledger", a->ledger, "Currency: EUR, 978, or a ledger of the server by name or number");
  verb->add_option("--code", a->code, "The caller's own meaning; not 0 for transfers and holds");
  verb->add_option("--flags", a->flags, "Comma-separated: hold, capture, void_hold, reversal, balancing_debit, ...");
  verb->add_option("--target", a->target, "The hold (capture, void) or the original (reversal)");
  verb->add_option("--timeout", a->timeout_s, "Holds: seconds until they expire, 0 = never");
  verb->add_option("--effective-at", a->effective_at, "With the flag imported: when it happened elsewhere");
  verb->add_flag("--balances", a->balances, "Show both accounts' sums right after it");
  a->data.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("transfer create", [&] { return run_transfer_create(*a); }); });
}

}  // namespace payloom::verbs
