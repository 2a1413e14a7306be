#include "actors/app/channel_wires.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "actors/channels/http_json/callback_listener.hpp"
#include "actors/channels/http_json/http_wire.hpp"
#include "actors/channels/iso8583/iso_wire.hpp"
#include "actors/channels/raw_log.hpp"
#include "actors/channels/wired_driver.hpp"
#include "config/log.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::app {

namespace {

namespace asio = boost::asio;
using config::log;
using config::log_level;
using core::catalog::channel_driver_kind;

time_ns wall_clock() {
  return static_cast<time_ns>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

[[noreturn]] void refuse(const std::string& what, const std::string& problem) {
  throw std::runtime_error("channels.wires: " + what + ": " + problem);
}

actors::iso_wire_settings iso_settings_of(const config::wire_settings& w) {
  actors::iso_wire_settings s;
  s.connection.host = w.address.host;
  s.connection.port = w.address.port;
  s.connection.connect_timeout_ms = w.connect_timeout_ms;
  s.lines = w.connections;
  s.line.terminal = w.terminal;
  s.line.merchant = w.merchant;
  s.line.in_flight_max = w.waiting_max;
  s.line.reversals_max = w.reversals_max;
  s.line.response_timeout_ms = w.response_timeout_ms;
  s.line.reversal_repeat_ms = w.reversal_repeat_ms;
  s.line.echo_idle_ms = w.echo_idle_ms;
  s.line.rate_per_second = w.rate_per_second == 0 ? 0 : std::max(1u, w.rate_per_second / w.connections);
  s.line.burst = w.burst;
  return s;
}

http_json::https_client_settings http_settings_of(const config::wire_settings& w, bool keeps_bytes) {
  http_json::https_client_settings s;
  s.host = w.address.host;
  s.port = w.address.port;
  s.connections_max = w.connections;
  s.waiting_max = w.waiting_max;
  s.connect_timeout_ms = w.connect_timeout_ms;
  s.response_timeout_ms = w.response_timeout_ms;
  s.rate_per_second = w.rate_per_second;
  s.burst = w.burst;
  s.keeps_bytes = keeps_bytes;
  return s;
}

core::iso_codes iso_codes_of(const core::catalog::channel_plan& plan) {
  std::vector<core::iso_code> list;
  for (const auto& c : plan.codes) list.push_back({c.text, c.outcome, c.number, c.reversed});
  if (const auto problem = core::iso_codes::problem_of(list); !problem.empty())
    refuse("codes of channel " + plan.name, std::string(problem));
  return core::iso_codes(list);
}

http_json::code_map http_codes_of(const core::catalog::channel_plan& plan) {
  std::vector<http_json::code_entry> list;
  for (const auto& c : plan.codes) list.push_back({c.text, c.outcome, c.number});
  std::string problem;
  auto made = http_json::code_map::make(std::move(list), problem);
  if (!made) refuse("codes of channel " + plan.name, problem);
  return *std::move(made);
}

/// What one HTTPS channel speaks with. Its place stays: wire and listener point there.
struct http_line {
  const config::wire_settings* settings = nullptr;
  http_json::key_ring keys;
  http_json::code_map codes;
  owner_number number = 0;  ///< of the channel; 0: no gateway asked for its driver
  std::shared_ptr<http_json::callback_listener> listener;
};

core::channel_facts facts_of(const core::channel_answer& answer) {
  core::channel_facts facts;
  const auto add = [&](const core::channel_call& member) {
    facts.facts.push_back(core::fact_of(answer, member));
    facts.tenants.push_back(member.tenant);
  };
  if (answer.call.members == nullptr) {
    add(answer.call);
  } else {
    for (const core::channel_call& member : *answer.call.members) add(member);
  }
  return facts;
}

}  // namespace

struct channel_wires::inside {
  explicit inside(config::wires_file s) : settings(std::move(s)) {}

  config::wires_file settings;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::map<std::string, http_line> http_lines;  ///< by channel; all keys are read at the start
  std::unique_ptr<actors::raw_log> raw;
  mutable std::mutex mutex;  ///< guards wires
  std::map<std::string, std::shared_ptr<actors::channel_wire>> wires;
  std::thread thread;
  bool stopped = false;

  void read_keys();
  void open_raw_log();
  http_json::http_channel http_channel_of(http_line& line) {
    return {.keys = &line.keys, .codes = &line.codes, .log = raw.get(), .now = wall_clock};
  }
  void listen(const std::string& channel, http_line& line, const take_facts& take);
  std::shared_ptr<actors::channel_wire> make(const config::wire_settings& w, const core::catalog::channel_plan& plan,
                                             actors::tell_answers tell);
};

void channel_wires::inside::read_keys() {
  for (const config::wire_settings& w : settings.wires) {
    if (w.kind != config::wire_kind::http_json) continue;
    std::string problem;
    auto keys = http_json::key_ring::read(w.key_file, problem);
    if (!keys) refuse(w.channel + ": key_file " + w.key_file, problem);
    http_line& line = http_lines[w.channel];
    line.settings = &w;
    line.keys = *std::move(keys);
  }
}

void channel_wires::inside::open_raw_log() {
  if (settings.raw_log.folder.empty()) return;
  actors::raw_log_options o;
  o.directory = settings.raw_log.folder;
  o.file_bytes_max = settings.raw_log.file_bytes;
  o.files_max = settings.raw_log.files_max;
  for (const auto& [name, line] : http_lines)
    for (std::string& secret : line.keys.secrets()) o.secrets.push_back(std::move(secret));
  raw = std::make_unique<actors::raw_log>(std::move(o));
}

std::shared_ptr<actors::channel_wire> channel_wires::inside::make(const config::wire_settings& w,
                                                                  const core::catalog::channel_plan& plan,
                                                                  actors::tell_answers tell) {
  if (w.kind == config::wire_kind::iso8583) {
    const actors::iso_wire_settings s = iso_settings_of(w);
    if (const auto problem = s.problem(); !problem.empty()) refuse(w.channel, std::string(problem));
    return actors::iso_wire::make(io, s, iso_codes_of(plan), wall_clock, std::move(tell));
  }
  std::string problem;
  const auto context = http_json::tls_context::client(w.ca_file, problem);
  if (!problem.empty()) refuse(w.channel + ": ca_file " + w.ca_file, problem);
  http_line& line = http_lines.at(w.channel);
  line.codes = http_codes_of(plan);
  line.number = plan.number;
  return std::make_shared<http_json::http_wire>(io, context, http_settings_of(w, raw != nullptr), http_channel_of(line),
                                                std::move(tell));
}

channel_wires::channel_wires(config::wires_file settings) : in_(std::make_unique<inside>(std::move(settings))) {
  in_->read_keys();
  in_->open_raw_log();
  in_->thread = std::thread([in = in_.get()] { in->io.run(); });
}

channel_wires::~channel_wires() { stop(); }

std::unique_ptr<core::channel_driver> channel_wires::make_driver(const core::catalog::channel_plan& plan,
                                                                 std::function<void()> wake) {
  const config::wire_settings* w = in_->settings.find(plan.name);
  if (w == nullptr) return nullptr;
  const auto asked =
      w->kind == config::wire_kind::iso8583 ? channel_driver_kind::iso8583 : channel_driver_kind::http_json;
  if (asked != plan.driver) {
    log(log_level::error, "channel_without_wire",
        {{"channel", plan.name}, {"error", "channels.yaml has another driver"}});
    return nullptr;
  }
  const std::lock_guard lock(in_->mutex);
  PAYLOOM_ASSERT(!in_->wires.contains(plan.name));  // a channel's gateway is made once
  auto box = std::make_shared<actors::answer_box>(std::move(wake));
  try {
    auto wire = in_->make(*w, plan, [box](std::vector<core::channel_answer> answers) { box->put(std::move(answers)); });
    in_->wires.emplace(plan.name, wire);
    return std::make_unique<actors::wired_driver>(std::move(wire), std::move(box));
  } catch (const std::exception& e) {
    // A mistake in one channel's settings closes that channel alone: others have money to move.
    log(log_level::error, "channel_without_wire", {{"channel", plan.name}, {"error", std::string(e.what())}});
    return nullptr;
  }
}

void channel_wires::inside::listen(const std::string& channel, http_line& line, const take_facts& take) {
  const config::callback_settings& c = line.settings->callback;
  std::string problem;
  const auto context = http_json::tls_context::server(c.certificate_file, c.certificate_key_file, problem);
  if (!problem.empty()) refuse(channel + ": callback", problem);
  http_json::callback_listener_settings s;
  s.server.address = c.listen.host;
  s.server.port = c.listen.port;
  const auto heard = [take, number = line.number, channel](const core::channel_answer& answer,
                                                           std::function<void(bool)> done) {
    if (answer.call.channel == number) return take(facts_of(answer), std::move(done));
    // One channel's key says nothing about another's money.
    log(log_level::warn, "callback_about_another_channel", {{"channel", channel}, {"about", answer.call.channel}});
    done(false);
  };
  line.listener = std::make_shared<http_json::callback_listener>(io, context, s, http_channel_of(line), heard);
  std::promise<std::string> started;
  asio::post(io, [&] { started.set_value(line.listener->start()); });
  if (const std::string wrong = started.get_future().get(); !wrong.empty()) refuse(channel + ": callback", wrong);
  log(log_level::info, "listening_for_callbacks", {{"channel", channel}, {"port", line.listener->port()}});
}

void channel_wires::listen(const take_facts& take) {
  for (auto& [channel, line] : in_->http_lines)
    if (line.number != 0 && line.settings->callback.enabled()) in_->listen(channel, line, take);
}

void channel_wires::stop() {
  if (std::exchange(in_->stopped, true)) return;
  for (auto& [channel, line] : in_->http_lines) {
    if (!line.listener) continue;
    std::promise<void> closed;
    asio::post(in_->io, [&] {
      line.listener->stop();
      closed.set_value();
    });
    closed.get_future().wait();
  }
  std::map<std::string, std::shared_ptr<actors::channel_wire>> wires;
  {
    const std::lock_guard lock(in_->mutex);
    wires = in_->wires;
  }
  for (auto& [name, wire] : wires) wire->stop();
  in_->work.reset();
  in_->io.stop();
  in_->thread.join();
  if (in_->raw) in_->raw->stop();
}

void channel_wires::visit(const std::function<void(const std::string&, const actors::wire_counters&)>& each) const {
  const std::lock_guard lock(in_->mutex);
  for (const auto& [name, wire] : in_->wires) each(name, wire->counters());
}

}  // namespace payloom::app
