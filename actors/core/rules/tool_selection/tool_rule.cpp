#include "actors/core/rules/tool_selection/tool_rule.hpp"

#include "actors/core/rules/action_reader.hpp"

namespace payloom::core::rules::tool_selection {

void compile(action_reader& from, rule_action& to) {
  from.allow({"tools"});
  const catalog::name_set& tools = from.catalog().parts().map.tools();
  const action_entry* named = from.find("tools");
  if (named == nullptr) return from.complain("`tools` is missing: name those that may pay");
  for (const placed_name& tool : named->values) {
    const auto index = tools.find(tool.text);
    if (!index) {
      from.complain_unknown(tool, "unknown tool", tools.names());
    } else {
      to.tools = static_cast<std::uint16_t>(to.tools | 1u << *index);
    }
  }
}

}  // namespace payloom::core::rules::tool_selection
