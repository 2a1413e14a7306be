#include "actors/checks/check_gateway.hpp"

namespace payloom::actors {

check_gateway::check_gateway(caf::actor_config& config, wiring& w) : check_actor::base(config), wiring_(w) {}

check_gateway::behavior_type check_gateway::make_behavior() {
  set_exception_handler(stop_process);
  return {[this](const check_mail_ptr& mail) { work(*mail); }};
}

void check_gateway::work(check_mail& mail) {
  const time_ns now = wiring_.now();
  if (mail.payments) desk_.serve(mail.payments->newest().parts().checks);
  for (const core::check_call& c : mail.calls) desk_.ask(c, now, facts_);
  desk_.poll(now, facts_);
  count();
  if (facts_.facts.empty()) return;
  wiring_.submit_check_facts(std::move(facts_));
  facts_ = {};
}

void check_gateway::count() {
  wiring_.checks_waiting.payments.store(desk_.waiting(), std::memory_order_relaxed);
  wiring_.checks_waiting.since.store(desk_.waiting_since(), std::memory_order_relaxed);
  for (std::size_t i = 0; i < limits::checks_max; ++i) {
    if (!desk_.serves(i)) continue;
    const core::check_counts& c = desk_.counts(i);
    check_counters& to = wiring_.check_counters_by_number[i];
    to.asked.store(c.asked, std::memory_order_relaxed);
    to.passed.store(c.passed, std::memory_order_relaxed);
    to.refused.store(c.refused, std::memory_order_relaxed);
    to.missed.store(c.missed, std::memory_order_relaxed);
    to.late.store(c.late, std::memory_order_relaxed);
    to.in_flight.store(c.in_flight, std::memory_order_relaxed);
    to.served.store(true, std::memory_order_relaxed);
  }
}

}  // namespace payloom::actors
