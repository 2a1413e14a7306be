#pragma once
// Where this server's channels are and how it speaks to them: what belongs to a place and not to the business, so it
// stands in a file of its own (channels.wires) and in no journal. Plain data, read once at start; durations in ms.
#include <cstdint>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace payloom::config {

/// Where a channel calls back; each has its own place, since each has its own keys. Empty: nowhere.
struct callback_settings {
  endpoint listen;
  std::string certificate_file, certificate_key_file;  ///< PEM
  bool enabled() const { return !listen.empty(); }
};

enum class wire_kind : std::uint8_t { http_json, iso8583 };

/// One channel's wire. Fields of the other kind keep their defaults.
struct wire_settings {
  std::string channel;  ///< name in channels.yaml
  wire_kind kind = wire_kind::http_json;
  endpoint address;
  std::uint32_t connections = 0;
  std::uint32_t connect_timeout_ms = 0;
  std::uint32_t response_timeout_ms = 0;
  std::uint32_t waiting_max = 0;      ///< calls that wait for a connection (http_json), requests of a line (iso8583)
  std::uint32_t rate_per_second = 0;  ///< of the channel; 0: as many as come
  std::uint32_t burst = 0;
  // http_json
  std::string ca_file;   ///< PEM
  std::string key_file;  ///< lines "key_id hex"; secrets stand nowhere else
  callback_settings callback;
  // iso8583
  std::string terminal;  ///< two digits follow, of the line
  std::string merchant;
  std::uint32_t reversal_repeat_ms = 0;
  std::uint32_t reversals_max = 0;
  std::uint32_t echo_idle_ms = 0;
};

struct raw_log_settings {
  std::string folder;  ///< empty: none is kept
  std::uint64_t file_bytes = 0;
  std::uint32_t files_max = 0;  ///< 0: all stay
};

struct wires_file {
  std::vector<wire_settings> wires;
  raw_log_settings raw_log;

  const wire_settings* find(std::string_view channel) const {
    for (const wire_settings& w : wires)
      if (w.channel == channel) return &w;
    return nullptr;
  }
};

}  // namespace payloom::config
