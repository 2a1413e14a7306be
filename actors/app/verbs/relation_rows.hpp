#pragma once
// What belongs to an id, as JSON and as a tree for people.
#include <span>
#include <string>
#include <string_view>

#include "actors/app/verbs/table.hpp"
#include "protocol/types/relation_records.hpp"

namespace payloom::verbs {

/// Words of the numbers; "" for none.
std::string_view node_name(node_kind kind);
std::string_view relation_name(relation_kind kind);

json relation_json(const relation_row& row);

/// Root business, orders, and what was paid, given back and posted for each; marked where nothing came of it, or is not
/// known yet.
std::string graph_text(std::span<const relation_row> rows);

}  // namespace payloom::verbs
