#pragma once
// Names with numbers: what one part of the catalogue may refer to in another (posting rules, fee plans, templates).
// So the business map needs none of their code. Immutable after construction; any thread may read it.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace payloom::core::catalog {

using name_index = std::uint16_t;
inline constexpr name_index no_name = UINT16_MAX;  ///< where a reference is explicitly `none`

class name_set {
 public:
  name_set() = default;
  /// A name's number is its position; the names are unique, and fewer than `no_name` (else it is our bug).
  explicit name_set(std::vector<std::string> names);

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }

  /// The number of a name, nullopt when there is none. Linear: for load and for people.
  std::optional<name_index> find(std::string_view name) const;

  /// `index` as `find` gave it.
  std::string_view name(name_index index) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace payloom::core::catalog
