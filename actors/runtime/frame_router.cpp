#include "actors/runtime/frame_router.hpp"

#include <caf/actor_cast.hpp>
#include <caf/message.hpp>

namespace payloom::actors {

namespace tf = transfer_flags;

frame_router::frame_router(caf::actor_system& system, wiring& w, options o, std::function<void(command_frame&)> other)
    : wiring_(w),
      options_(o),
      other_(std::move(other)),
      unit_(system),
      orders_(w.topology.order_shards()),
      accounts_(w.topology.account_shards()) {
  for (auto& m : orders_) m = std::make_shared<order_mail>();
  for (auto& m : accounts_) m = std::make_shared<account_mail>();
}

void frame_router::submit(std::span<command_frame* const> frames) {
  std::size_t events = 0;
  for (command_frame* f : frames) {
    events += f->count;
    route(*f);
  }
  send_mails(events <= options_.inline_events);
}

void frame_router::route(command_frame& f) {
  // Everything up to here was applied before the client could know of it: the floor of every refusal's `as_of`.
  f.header.sequence = wiring_.durable.load(std::memory_order_acquire);
  const tenant_id tenant = f.header.tenant;
  core::plain_slip s;
  s.frame = &f;
  switch (f.type()) {
    case frame_type::create_transfers:
      route_transfers(f);
      return;
    case frame_type::create_accounts:
      for (std::uint32_t i = 0; i < f.count; ++i) {
        const u128 id = reinterpret_cast<const account_record*>(f.records)[i].id.value;
        s.index_and_marks = static_cast<std::uint16_t>(i);
        accounts_[wiring_.topology.account_shard(mix_id(tenant, id), tenant, id)]->creations.push_back(s);
      }
      return;
    case frame_type::create_orders:
    case frame_type::act_on_orders:
      route_orders(f);
      return;
    case frame_type::change_accounts:
    case frame_type::seal_transfers: {
      const bool seal = f.type() == frame_type::seal_transfers;
      for (std::uint32_t i = 0; i < f.count; ++i) {
        const u128 id = seal ? reinterpret_cast<const id_record*>(f.records)[i].id
                             : reinterpret_cast<const account_change_record*>(f.records)[i].id.value;
        const std::uint64_t mix = mix_id(tenant, id);
        s.index_and_marks = static_cast<std::uint16_t>(i);
        s.set_mix(mix);
        order_mail& mail = *orders_[wiring_.topology.order_shard(mix)];
        (seal ? mail.seals : mail.changes).push_back(s);
      }
      return;
    }
    default:
      other_(f);
      return;
  }
}

/// To whichever of a command's ids comes first in route order.
void frame_router::route_orders(command_frame& f) {
  const tenant_id tenant = f.header.tenant;
  core::plain_slip s;
  s.frame = &f;
  for (std::uint32_t i = 0; i < f.count; ++i) {
    const u128 own = f.order_action(i).id.value;  // an order record has its id at the same place
    std::uint64_t mix = mix_id(tenant, own);
    if (f.type() == frame_type::act_on_orders) {
      const u128 order = f.order_action(i).order.value;
      const std::uint64_t order_mix = mix_id(tenant, order);
      if (!core::route_before(mix, own, order_mix, order)) mix = order_mix;
    }
    s.index_and_marks = static_cast<std::uint16_t>(i);
    s.set_mix(mix_id(tenant, own));
    orders_[wiring_.topology.order_shard(mix)]->orders.push_back(s);
    // The others of linked actions travel with the first.
    if (f.type() == frame_type::act_on_orders)
      while (i + 1 < f.count && (f.order_action(i).flags & action_flags::linked) != 0) ++i;
  }
}

void frame_router::route_transfers(command_frame& f) {
  // With balances, an executed event is answered by its order shard and both accounts.
  if (f.wants_balances()) f.remaining.store(f.count * 3, std::memory_order_relaxed);
  const tenant_id tenant = f.header.tenant;
  core::plain_slip s;
  s.frame = &f;
  for (std::uint32_t i = 0; i < f.count; ++i) {
    const transfer_record& t = f.transfer(i);
    const std::uint64_t mix = mix_id(tenant, t.id.value);
    order_mail& mail = *orders_[wiring_.topology.order_shard(mix)];
    if ((t.flags & (tf::linked | tf::balancing)) == 0) [[likely]] {
      s.index_and_marks = static_cast<std::uint16_t>(i);
      s.set_mix(mix);
      // A targeting event starts at whichever of its two ids comes first in route order.
      if ((t.flags & tf::targeting) != 0) {
        const std::uint64_t target = mix_id(tenant, t.target_id.value);
        const bool own_first = core::route_before(mix, t.id.value, target, t.target_id.value);
        orders_[wiring_.topology.order_shard(own_first ? mix : target)]->transfers.push_back(s);
      } else {
        mail.transfers.push_back(s);
      }
      continue;
    }
    auto* c = new core::unit_case;
    c->frame = &f;
    c->first = i;
    while (i + 1 < f.count && (f.transfer(i).flags & tf::linked) != 0) ++i;
    c->count = i + 1 - c->first;
    mail.cases.push_back(c);
  }
}

namespace {

template <class Mail>
bool something(const Mail& m) {
  if constexpr (std::is_same_v<Mail, order_mail>) {
    return !m.transfers.empty() || !m.orders.empty() || !m.cases.empty() || !m.changes.empty() || !m.seals.empty();
  } else {
    return !m.creations.empty();
  }
}

template <class Handle, class MailPtr>
void post(const Handle& to, MailPtr& mail, caf::execution_unit* unit) {
  auto content = caf::make_message(std::move(mail));
  caf::actor_cast<caf::abstract_actor*>(to)->enqueue(nullptr, caf::make_message_id(), std::move(content), unit);
  using mail_type = typename MailPtr::element_type;
  mail = std::make_shared<mail_type>();
}

}  // namespace

void frame_router::send_mails(bool run_inline) {
  caf::execution_unit* unit = run_inline ? &unit_ : nullptr;
  for (std::size_t i = 0; i < orders_.size(); ++i)
    if (something(*orders_[i])) post(wiring_.orders[i], orders_[i], unit);
  for (std::size_t i = 0; i < accounts_.size(); ++i)
    if (something(*accounts_[i])) post(wiring_.accounts[i], accounts_[i], unit);
  unit_.drain(options_.throughput);
}

}  // namespace payloom::actors
