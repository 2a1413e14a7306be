#include "actors/app/verify_report.hpp"

#include <nlohmann/json.hpp>

namespace payloom::app {

std::string verify_json(const follower::verify_report& r, commit_seq shards_at) {
  nlohmann::ordered_json out;
  out["passed"] = r.good();
  out["as_of"] = r.as_of;
  out["indexed_sequence"] = r.indexed_seq;
  if (shards_at != 0) out["shards_at"] = shards_at;
  out["events"] = r.events;
  out["accounts"] = r.accounts;
  out["open_holds"] = r.open_holds;
  out["open_orders"] = r.open_orders;
  out["ids"] = r.ids;
  out["lines"] = r.lines;
  out["links"] = r.links;
  out["problem_count"] = r.problems.count;
  out["problems"] = r.problems.first;
  return out.dump();
}

}  // namespace payloom::app
