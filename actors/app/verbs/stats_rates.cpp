#include "actors/app/verbs/stats_rates.hpp"

namespace payloom::verbs {
namespace {

bool has_number(const json& object, const char* key) { return object.contains(key) && object[key].is_number(); }

double delta(const json& before, const json& now, const char* key) {
  return now[key].get<double>() - before[key].get<double>();
}

void add_rates(const json& before, json& now, double seconds) {
  const auto both = [&](const char* key) { return has_number(before, key) && has_number(now, key); };
  const auto per = [&](const char* count, const char* each, const char* name) {
    if (!both(count) || !both(each)) return;
    const double batches = delta(before, now, each);
    now[name] = batches > 0 ? delta(before, now, count) / batches : 0.0;
  };
  per("events", "batches", "events_per_batch");
  per("events", "groups", "events_per_group");
  if (both("events")) now["events_per_second"] = delta(before, now, "events") / seconds;
  if (both("groups")) now["groups_per_second"] = delta(before, now, "groups") / seconds;
  if (both("busy_ns")) now["busy_percent"] = delta(before, now, "busy_ns") / seconds / 1e7;
}

}  // namespace

json with_rates(const json& before, const json& now, double seconds) {
  json out = now;
  if (seconds <= 0) return out;
  if (out.is_object() && before.is_object()) {
    for (auto& [key, value] : out.items()) {
      if (value.is_structured() && before.contains(key)) value = with_rates(before[key], now[key], seconds);
    }
    add_rates(before, out, seconds);
  } else if (out.is_array() && before.is_array() && out.size() == before.size()) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = with_rates(before[i], now[i], seconds);
  }
  return out;
}

}  // namespace payloom::verbs
