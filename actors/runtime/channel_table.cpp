#include "actors/runtime/channel_table.hpp"

#include <algorithm>

#include <caf/send.hpp>

#include "actors/channels/channel_gateway.hpp"

namespace payloom::actors {

std::size_t channel_table::place_of(owner_number number, std::size_t count) const {
  const auto end = numbers_.begin() + static_cast<std::ptrdiff_t>(count);
  return static_cast<std::size_t>(std::find(numbers_.begin(), end, number) - numbers_.begin());
}

void channel_table::serve(const std::shared_ptr<const core::catalog::catalog_registry>& payments) {
  if (!payments) return;
  const std::lock_guard lock(growing_);
  kept_.push_back(payments);
  std::size_t count = count_.load(std::memory_order_relaxed);
  for (const auto& plan : payments->newest().parts().channels.all()) {
    const std::size_t place = place_of(plan.number, count);
    if (place < count) {
      auto mail = std::make_shared<channel_mail>();
      mail->plan = &plan;
      caf::anon_send(actors_[place], std::move(mail));
    } else if (count < limits::channels_max) {
      numbers_[count] = plan.number;
      actors_[count] = system_.spawn<channel_gateway>(std::ref(wiring_), std::cref(plan), count);
      count_.store(++count, std::memory_order_release);
    }
  }
}

void channel_table::call(std::vector<core::channel_call> calls) {
  const std::size_t count = count_.load(std::memory_order_acquire);
  core::channel_facts unserved;
  std::vector<channel_mail_ptr> mails(count);
  for (core::channel_call& call : calls) {
    const std::size_t at = place_of(call.channel, count);
    if (at == count) {
      if (call.operation == channel_operation::query || call.operation == channel_operation::close) continue;
      unserved.facts.push_back(core::fact_of({call, channel_outcome::not_sent, 0, 0, 0}, call));
      unserved.tenants.push_back(call.tenant);
      continue;
    }
    if (!mails[at]) mails[at] = std::make_shared<channel_mail>();
    mails[at]->calls.push_back(std::move(call));
  }
  for (std::size_t c = 0; c < count; ++c)
    if (mails[c]) caf::anon_send(actors_[c], std::move(mails[c]));
  if (!unserved.facts.empty()) wiring_.submit_facts(std::move(unserved));
}

void channel_table::tick() {
  const std::size_t count = count_.load(std::memory_order_acquire);
  for (std::size_t c = 0; c < count; ++c) caf::anon_send(actors_[c], std::make_shared<channel_mail>());
}

std::vector<owner_number> channel_table::numbers() const {
  const std::size_t count = count_.load(std::memory_order_acquire);
  return {numbers_.begin(), numbers_.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace payloom::actors
