#include "actors/app/verbs/linked_actions.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/text.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {

int send_linked(client::blocking_connection& server, std::vector<order_action_record> actions, const std::string& what,
                bool as_json) {
  for (std::size_t i = 0; i + 1 < actions.size(); ++i) actions[i].flags |= action_flags::linked;
  const auto answer = ask(server, frame_type::act_on_orders, std::span<const order_action_record>(actions));
  const auto results = answer.rows<result_record>();
  json all = json::array();
  table text({what, "order", "amount", "code", "commit"});
  bool done = results.size() == actions.size();
  for (std::size_t i = 0; i < results.size() && i < actions.size(); ++i) {
    const std::string code(name_of(results[i].code)), amount = to_decimal(actions[i].amount_minor);
    done = done && results[i].code == result_code::ok;
    all.push_back({{"id", to_hex(actions[i].id.value)},
                   {"order", to_hex(actions[i].order.value)},
                   {"amount_minor", amount},
                   {"code", code},
                   {"sequence", results[i].sequence}});
    text.add({to_hex(actions[i].id.value), to_hex(actions[i].order.value), amount == "0" ? "all" : amount, code,
              std::to_string(results[i].sequence)});
  }
  fmt::print("{}", as_json ? all.dump() + "\n" : text.text());
  return done ? exit_ok : exit_refused;
}

}  // namespace payloom::verbs
