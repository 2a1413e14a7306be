#include "config/catalog/wire_reader.hpp"

#include <fmt/format.h>

#include <array>

#include "config/catalog/yaml_map.hpp"
#include "config/value_text.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

using enum presence;

constexpr std::array<std::string_view, 2> drivers = {"http_json", "iso8583"};  // in the order of wire_kind
constexpr std::size_t path_bytes_max = 4096;
constexpr std::uint64_t ms_max = 600'000;
constexpr std::uint64_t queue_max = 1u << 20;

endpoint read_address(yaml_map& map, std::string_view key, presence need) {
  endpoint out;
  if (const auto text = map.text(key, need, 300)) {
    if (const auto wrong = read_endpoint(*text, out)) map.complain(key, *wrong);
  }
  return out;
}

/// Counts that have a default.
class counts {
 public:
  explicit counts(yaml_map& map) : map_(map) {}
  std::uint32_t get(std::string_view key, std::uint32_t otherwise, std::uint64_t min, std::uint64_t max) {
    return static_cast<std::uint32_t>(map_.count(key, optional, min, max).value_or(otherwise));
  }

 private:
  yaml_map& map_;
};

/// A key of the other driver would do nothing: it is a mistake.
void refuse_keys(yaml_map& map, std::string_view driver, std::initializer_list<std::string_view> others) {
  for (const std::string_view key : others)
    if (map.has(key)) map.complain(key, fmt::format("{} has no such setting: remove it", driver));
}

callback_settings read_callback(yaml_reader& reader, const YAML::Node& node, const std::string& what) {
  yaml_map map(reader, node, what + ": callback", {"listen", "certificate_file", "certificate_key_file"});
  callback_settings c;
  c.listen = read_address(map, "listen", needed);
  c.certificate_file = map.text("certificate_file", needed, path_bytes_max).value_or("");
  c.certificate_key_file = map.text("certificate_key_file", needed, path_bytes_max).value_or("");
  return c;
}

wire_settings read_wire(yaml_reader& reader, const yaml_entry& entry) {
  const std::string what = "wire " + entry.key.text;
  yaml_map map(reader, entry.value, what,
               {"driver", "address", "connections", "connect_timeout_ms", "response_timeout_ms", "waiting_max",
                "rate_per_second", "burst", "ca_file", "key_file", "terminal", "merchant", "reversal_repeat_ms",
                "reversals_max", "echo_idle_ms", "callback"});
  counts count(map);
  wire_settings w;
  w.channel = entry.key.text;
  w.kind = static_cast<wire_kind>(map.word("driver", needed, drivers).value_or(0));
  w.address = read_address(map, "address", needed);
  const bool http = w.kind == wire_kind::http_json;
  w.connections = count.get("connections", http ? 64 : 2, 1, http ? 4096 : 64);
  w.connect_timeout_ms = count.get("connect_timeout_ms", 3'000, 1, ms_max);
  w.response_timeout_ms = count.get("response_timeout_ms", 15'000, 1, ms_max);
  w.waiting_max = count.get("waiting_max", http ? 10'000 : 4'096, 1, queue_max);
  w.rate_per_second = count.get("rate_per_second", 0, 0, 10'000'000);
  w.burst = count.get("burst", http ? 1'000 : 1, 1, 1'000'000);
  if (http) {
    w.ca_file = map.text("ca_file", needed, path_bytes_max).value_or("");
    w.key_file = map.text("key_file", needed, path_bytes_max).value_or("");
    if (const auto node = map.node("callback", optional)) w.callback = read_callback(reader, *node, what);
    refuse_keys(map, "http_json", {"terminal", "merchant", "reversal_repeat_ms", "reversals_max", "echo_idle_ms"});
    return w;
  }
  w.terminal = map.text("terminal", needed, 6).value_or("");
  w.merchant = map.text("merchant", needed, 15).value_or("");
  w.reversal_repeat_ms = count.get("reversal_repeat_ms", 10'000, 1, ms_max);
  w.reversals_max = count.get("reversals_max", 4'096, 1, queue_max);
  w.echo_idle_ms = count.get("echo_idle_ms", 30'000, 1, ms_max);
  refuse_keys(map, "iso8583", {"ca_file", "key_file", "callback"});
  return w;
}

raw_log_settings read_raw_log(yaml_reader& reader, const YAML::Node& node) {
  yaml_map map(reader, node, "raw_log", {"folder", "file_bytes", "files_max"});
  raw_log_settings r;
  r.folder = map.text("folder", needed, path_bytes_max).value_or("");
  r.file_bytes = map.count("file_bytes", optional, 1u << 16, std::uint64_t{1} << 40).value_or(256u << 20);
  r.files_max = counts(map).get("files_max", 0, 0, 1'000'000);
  return r;
}

wires_result read(yaml_reader& reader, const std::optional<YAML::Node>& root) {
  wires_result out;
  if (root) {
    yaml_map file(reader, *root, "wires", {"version", "wires", "raw_log"});
    file.count("version", needed, 1, 1);
    if (const auto node = file.node("wires", needed)) {
      for (const yaml_entry& entry : reader.entries(*node, "wires", limits::channels_max))
        out.value.wires.push_back(read_wire(reader, entry));
    }
    if (const auto node = file.node("raw_log", optional)) out.value.raw_log = read_raw_log(reader, *node);
  }
  out.problems = reader.problems();
  return out;
}

}  // namespace

wires_result read_wires(std::string_view text, std::string_view name) {
  yaml_reader reader{std::string(name)};
  return read(reader, reader.parse(text));
}

wires_result load_wires(const std::filesystem::path& path) {
  yaml_reader reader(path.string());
  return read(reader, reader.parse_file(path));
}

}  // namespace payloom::config
