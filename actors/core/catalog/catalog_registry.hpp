#pragma once
// The versions of the payment catalogue that a server has: which one new orders begin with, and the one that an order
// began with and goes on with to its end (domain PC-4). Immutable: a change makes the next registry, which holds all
// catalogues of this one, so that a pointer to one stays good. Any thread may read it; look-ups allocate nothing.
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "actors/core/catalog/payment_catalog.hpp"
#include "protocol/types/ids.hpp"

namespace payloom::core::catalog {

/// One accepted version.
struct catalog_entry {
  std::shared_ptr<const payment_catalog> catalog;
  bool retired = false;  ///< no order begins with it any more; those that did go on
  std::uint32_t version() const { return catalog->version(); }
  time_ns active_from() const { return catalog->header().effective_from; }
};

/// What became of a version, as people are told.
enum class version_state : std::uint8_t {
  scheduled,   ///< its time has not come
  active,      ///< new orders begin with it
  superseded,  ///< a newer one is active
  retired,
};

class catalog_registry {
 public:
  /// At least one entry, ascending by version, at least one of them not retired (else it is our bug).
  explicit catalog_registry(std::vector<catalog_entry> entries);

  /// The registry of one version alone.
  static std::shared_ptr<const catalog_registry> of(std::shared_ptr<const payment_catalog> only);

  /// The next registry: with a version that is newer than all of these.
  std::shared_ptr<const catalog_registry> with(std::shared_ptr<const payment_catalog> next) const;
  /// The next registry: without new orders of `version`, which must be known and not the last one that is left.
  std::shared_ptr<const catalog_registry> retire(std::uint32_t version) const;
  /// Whether `retire` is possible: orders could begin with another version now.
  bool may_retire(std::uint32_t version, time_ns now) const;

  /// What new orders begin with: the newest whose time has come. Before the first one's time: the oldest.
  const payment_catalog& active(time_ns now) const {
    const catalog_entry* oldest = nullptr;
    for (std::size_t i = entries_.size(); i-- > 0;) {
      const catalog_entry& e = entries_[i];
      if (e.retired) continue;
      oldest = &e;
      if (e.active_from() <= now) break;
    }
    return *oldest->catalog;
  }

  /// The catalogue of an order that began with `version`; nullptr when the server does not have it.
  const payment_catalog* find(std::uint32_t version) const;

  /// The newest version, whose chart, products and machines hold those of all others (check_succession).
  const payment_catalog& newest() const { return *entries_.back().catalog; }

  std::span<const catalog_entry> entries() const { return entries_; }
  version_state state_of(const catalog_entry& entry, time_ns now) const;

 private:
  std::vector<catalog_entry> entries_;
};

}  // namespace payloom::core::catalog
