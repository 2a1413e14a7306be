#include "actors/core/catalog/catalog_registry.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"

namespace payloom::core::catalog {

catalog_registry::catalog_registry(std::vector<catalog_entry> entries) : entries_(std::move(entries)) {
  PAYLOOM_ASSERT(std::ranges::any_of(entries_, [](const catalog_entry& e) { return !e.retired; }));
  for (std::size_t i = 1; i < entries_.size(); ++i) PAYLOOM_ASSERT(entries_[i - 1].version() < entries_[i].version());
}

std::shared_ptr<const catalog_registry> catalog_registry::of(std::shared_ptr<const payment_catalog> only) {
  return std::make_shared<const catalog_registry>(std::vector<catalog_entry>{{std::move(only), false}});
}

std::shared_ptr<const catalog_registry> catalog_registry::with(std::shared_ptr<const payment_catalog> next) const {
  std::vector<catalog_entry> entries = entries_;
  entries.push_back({std::move(next), false});
  return std::make_shared<const catalog_registry>(std::move(entries));
}

std::shared_ptr<const catalog_registry> catalog_registry::retire(std::uint32_t version) const {
  std::vector<catalog_entry> entries = entries_;
  const auto at = std::ranges::find(entries, version, &catalog_entry::version);
  PAYLOOM_ASSERT(at != entries.end());
  at->retired = true;
  return std::make_shared<const catalog_registry>(std::move(entries));
}

bool catalog_registry::may_retire(std::uint32_t version, time_ns now) const {
  const auto others = [&](const catalog_entry& e) {
    return e.version() != version && !e.retired && e.active_from() <= now;
  };
  return std::ranges::any_of(entries_, others);
}

const payment_catalog* catalog_registry::find(std::uint32_t version) const {
  if (entries_.back().version() == version) return entries_.back().catalog.get();
  const auto at = std::ranges::lower_bound(entries_, version, {}, &catalog_entry::version);
  return at != entries_.end() && at->version() == version ? at->catalog.get() : nullptr;
}

version_state catalog_registry::state_of(const catalog_entry& entry, time_ns now) const {
  if (entry.retired) return version_state::retired;
  if (&active(now) == entry.catalog.get()) return version_state::active;
  return entry.active_from() > now ? version_state::scheduled : version_state::superseded;
}

}  // namespace payloom::core::catalog
