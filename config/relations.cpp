// What must hold between keys; each rule names the key whose value an operator would change.
#include <fmt/format.h>

#include <filesystem>

#include "config/loader.hpp"

namespace payloom::config {
namespace {

void check_credits(const settings& s, std::vector<contradiction>& out) {
  if (s.credits.session_events > s.credits.total_events) {
    out.push_back({"credits.session_events", "one connection may not hold more than credits.total_events"});
  }
}

void check_storage(const settings& s, std::vector<contradiction>& out) {
  if (s.storage.segment_bytes % (1u << 20) != 0) {
    out.push_back({"storage.segment_bytes", "must be a multiple of 1MiB"});
  }
}

std::string normal(const std::string& directory) {
  std::string text = std::filesystem::path(directory).lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

void check_shadow(const settings& s, std::vector<contradiction>& out) {
  if (s.shadow.listen.empty() != s.shadow.directory.empty()) {
    out.push_back({s.shadow.listen.empty() ? "shadow.directory" : "shadow.listen",
                   "shadow.listen and shadow.directory are set together or not at all"});
    return;
  }
  if (!s.shadow.enabled()) return;
  if (s.shadow.listen == s.server.listen && s.shadow.listen.port != 0) {
    out.push_back({"shadow.listen", "must differ from server.listen"});
  }
  if (normal(s.shadow.directory) == normal(s.storage.directory)) {
    out.push_back({"shadow.directory", "must differ from storage.directory"});
  }
  if (s.partition.shadow) {
    out.push_back({"shadow.listen", "the main partition is the shadow partition already (partition.shadow)"});
  }
}

}  // namespace

std::vector<contradiction> check_relations(const settings& value) {
  std::vector<contradiction> out;
  check_credits(value, out);
  check_storage(value, out);
  check_shadow(value, out);
  return out;
}

}  // namespace payloom::config
