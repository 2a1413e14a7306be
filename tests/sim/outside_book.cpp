#include "tests/sim/outside_book.hpp"

#include "protocol/types/u128_text.hpp"
#include "tests/sim/order_rules.hpp"
#include "tests/sim/sim_catalogue.hpp"

namespace payloom::sim {
namespace {

const core::catalog::channel_plan& plan_of(owner_number channel) {
  for (const core::catalog::channel_plan& p : sim_channels())
    if (p.number == channel) return p;
  PAYLOOM_ASSERT(!"calls name channels of the catalogue");
  return sim_channels().front();
}

/// Of a combined payment the channel knows one attempt and one sum.
core::simulated_fate fate_of(const core::channel_call& c) {
  const u128 amount = c.combined_count < 2 ? c.amount_minor : c.total_minor;
  return core::fate_of(plan_of(c.channel).simulator, c.attempt_id, c.attempt_operation, amount);
}

constexpr std::uint16_t channel_receivable = 101, bank = 102;
bool is_channels(account_id a) {
  const auto role = static_cast<std::uint16_t>(hi64(a.value) >> 32);
  return hi64(a.value) >> 48 == 0xfa1d && (role == channel_receivable || role == bank);
}

}  // namespace

void outside_book::called(const core::channel_call& c, bool kept_back) {
  const audit_key key{c.tenant, number_of(c)};
  const auto found = attempts_.find(key);
  const bool asks = c.operation == channel_operation::query || c.operation == channel_operation::close;
  if (asks) {
    if (found == attempts_.end()) {  // a crash came between the event and the call
      attempt& never = attempts_[key];
      never.call = c;
      never.fate = fate_of(c);
      never.left = true;  // the simulator has no memory: it tells of every attempt as if it had come
      orders_[{c.tenant, c.order.value}].attempts.push_back(key.id);
    }
    asked_again_ += found != attempts_.end() && found->second.process != process_;
    return;
  }
  if (found != attempts_.end()) return complain_("attempt " + to_hex(c.attempt_id) + " is sent twice");
  if (c.operation == channel_operation::refund) goes_back(c);
  for (std::uint32_t n = 1; n < c.attempt; ++n) {
    const auto earlier = attempts_.find({c.tenant, attempt_id_of(c.tenant, c.payment, n)});
    if (earlier != attempts_.end() && earlier->second.left && earlier->second.fate.first != channel_outcome::not_sent)
      complain_("attempt " + std::to_string(c.attempt) + " of payment " + to_hex(c.payment) +
                " is sent although an earlier one reached the channel");
  }
  attempt& a = attempts_[key];
  a.call = c;
  a.fate = fate_of(c);
  a.left = !kept_back;
  a.process = process_;
  orders_[{c.tenant, c.order.value}].attempts.push_back(key.id);
  if (c.combined_count < 2) return;
  std::vector<u128>& all = combined_[{c.tenant, c.attempt_id}];
  all.push_back(key.id);
  for (const u128 id : all) attempts_.at({c.tenant, id}).left = !kept_back && all.size() == c.combined_count;
}

/// The order's own number of its attempt.
u128 outside_book::number_of(const core::channel_call& c) { return attempt_id_of(c.tenant, c.payment, c.attempt); }

/// What of the moved sum is this order's.
u128 outside_book::part_of(const attempt& a) {
  const core::channel_call& c = a.call;
  return c.combined_count < 2 ? a.fate.amount_minor
                              : part_of_moved(a.fate.amount_minor, c.before_minor, c.amount_minor, c.total_minor);
}

/// Money goes back the way it came: to an attempt of this order that brought it, through its channel.
void outside_book::goes_back(const core::channel_call& c) {
  const attempt* source = nullptr;
  for (const u128 id : orders_[{c.tenant, c.order.value}].attempts) {
    const attempt& own = attempts_.at({c.tenant, id});
    if (own.call.attempt_id == c.source) source = &own;
  }
  if (source == nullptr)
    return complain_("refund " + to_hex(c.attempt_id) + " names an attempt that nobody made for its order");
  const attempt& from = *source;
  if (from.call.channel != c.channel)
    complain_("refund " + to_hex(c.attempt_id) + " goes another way than its money came");
  if (from.call.attempt_operation != channel_operation::pay || !moved(from)) {
    if (!orders_[{c.tenant, c.order.value}].by_people)
      complain_("refund " + to_hex(c.attempt_id) + " sends back what never came");
  }
}

/// By the channels' own truth, no attempt's money went back more than once.
void outside_book::compare_refunds() {
  std::map<audit_key, u128> back;
  for (const auto& [key, a] : attempts_) {
    if (a.call.attempt_operation != channel_operation::refund || truth_of(a) == 0) continue;
    if (!orders_[{key.tenant, a.call.order.value}].by_people) back[{key.tenant, a.call.source}] += a.fate.amount_minor;
  }
  for (const auto& [source, sum] : back) {
    const auto from = attempts_.find(source);
    if (from == attempts_.end()) continue;  // said when it was called
    ++sources_compared_;
    if (sum > from->second.fate.amount_minor)
      complain_("of attempt " + to_hex(source.id) + " " + to_decimal(sum) + " went back, and " +
                to_decimal(from->second.fate.amount_minor) + " had come");
  }
}

void outside_book::heard(tenant_id t, const channel_fact_record& f) {
  const auto found = attempts_.find({t, attempt_id_of(t, f.payment, f.attempt)});
  if (found == attempts_.end()) return complain_("a fact about an attempt that nobody made");
  attempt& a = found->second;
  using enum channel_outcome;
  if (f.outcome == success) {
    const bool other = a.fate.amount_minor != (a.call.combined_count > 1 ? a.call.total_minor : a.call.amount_minor);
    if (f.amount_minor != part_of(a)) complain_("an order is told another part of what moved than falls to it");
    if ((f.differs != 0) != other) complain_("an order is not told whether the whole sum moved");
  }
  // The simulator has no memory: asked about an attempt that its desk kept back, it tells what would have been.
  a.left |= f.outcome == success;
  const bool late = a.fate.first == rejected && a.fate.later == success && f.outcome == success;
  a.later_heard |= late || (f.outcome == returned && a.fate.later == returned);
}

void outside_book::durable(const journal_event& e) {
  if (e.kind == journal_kind::order) {
    if (e.order->request_type != static_cast<std::uint16_t>(frame_type::act_on_orders)) return;
    const order_action action = e.record.as<order_action_record>().action;
    if (action == order_action::resolve) orders_[{e.tenant, e.order->order.id.value}].by_people = true;
    if (action == order_action::channel_fact) heard(e.tenant, e.record.as<channel_fact_record>());
    return;
  }
  if (e.kind != journal_kind::transfer || !id_is_reserved_for_postings(e.record.first_id())) return;
  const auto r = e.record.as<transfer_record>();
  const auto amount = static_cast<std::int64_t>(r.amount_minor);
  const bool came = is_channels(r.debit_account), went = is_channels(r.credit_account);
  if (came || went) orders_[{e.tenant, r.user_data_128}].booked += came ? amount : -amount;
}

/// What the platform can know of an attempt: news that were lost with a process are not among it.
std::int64_t outside_book::truth_of(const attempt& a) const {
  using enum channel_outcome;
  if (!moved(a)) return 0;
  const auto amount = static_cast<std::int64_t>(part_of(a));
  if (a.call.attempt_operation == channel_operation::pay)
    return a.fate.first == rejected && !a.later_heard ? 0 : amount;
  const bool back = a.call.attempt_operation == channel_operation::payout && a.fate.later == returned && a.later_heard;
  return back ? 0 : -amount;
}

void outside_book::compare(const std::function<bool(const audit_key&)>& is_at_rest) {
  compare_refunds();
  for (const auto& [key, o] : orders_) {
    if (o.attempts.empty() || o.by_people || !is_at_rest(key)) continue;
    std::int64_t truth = 0;
    for (const u128 id : o.attempts) truth += truth_of(attempts_.at({key.tenant, id}));
    ++compared_;
    if (truth != o.booked)
      complain_("order " + to_hex(key.id) + ": the books say that " + std::to_string(o.booked) +
                " came through channels, the channels say " + std::to_string(truth));
  }
}

}  // namespace payloom::sim
