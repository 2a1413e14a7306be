#include "actors/app/channel_sim_verb.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/app/verbs/common.hpp"
#include "actors/channels/http_json/certificate_maker.hpp"
#include "actors/channels/http_json/http_simulator.hpp"
#include "actors/channels/iso8583/iso_host.hpp"
#include "config/value_text.hpp"

namespace payloom::app {

namespace {

namespace asio = boost::asio;
using core::outside_settings;
using verbs::usage_error;

/// One fault or habit of the outside, by its name.
struct habit {
  std::string_view name;
  std::uint16_t outside_settings::*share = nullptr;
  std::uint32_t outside_settings::*number = nullptr;
};

constexpr habit habits[] = {
    {"rejected", &outside_settings::rejected},
    {"accepted", &outside_settings::accepted},
    {"accepted_rejected", &outside_settings::accepted_rejected},
    {"unknown_moved", &outside_settings::unknown_moved},
    {"unknown_lost", &outside_settings::unknown_lost},
    {"other_amount", &outside_settings::other_amount},
    {"late_success", &outside_settings::late_success},
    {"returned", &outside_settings::returned},
    {"answered_twice", &outside_settings::answered_twice},
    {"callback", &outside_settings::callback},
    {"callback_early", &outside_settings::callback_early},
    {"callback_late", &outside_settings::callback_late},
    {"callback_twice", &outside_settings::callback_twice},
    {"contradictory", &outside_settings::contradictory},
    {"callback_amount", &outside_settings::callback_amount},
    {"callback_ledger", &outside_settings::callback_ledger},
    {"forged", &outside_settings::forged},
    {"fee_basis_points", &outside_settings::fee_basis_points},
    {"latency_mean_ms", nullptr, &outside_settings::latency_mean_ms},
    {"latency_sigma_ms", nullptr, &outside_settings::latency_sigma_ms},
    {"latency_max_ms", nullptr, &outside_settings::latency_max_ms},
    {"later_ms", nullptr, &outside_settings::later_ms},
    {"callback_late_ms", nullptr, &outside_settings::callback_late_ms},
};

std::string names_of_habits() {
  std::string out;
  for (const habit& h : habits) out += (out.empty() ? "" : ", ") + std::string(h.name);
  return out;
}

void set_habit(outside_settings& to, std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  for (const habit& h : habits) {
    if (h.name != name) continue;
    std::uint32_t value = 0;
    const std::string_view digits = equals == std::string_view::npos ? "" : text.substr(equals + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const std::uint32_t most = h.share != nullptr ? 10'000 : 3'600'000;
    if (error != std::errc{} || end != digits.data() + digits.size() || value > most)
      throw usage_error(fmt::format("--faults: {} needs a number, 0 .. {}", name, most));
    if (h.share != nullptr) {
      to.*h.share = static_cast<std::uint16_t>(value);
    } else {
      to.*h.number = value;
    }
    return;
  }
  throw usage_error(fmt::format("--faults: {} is none of {}", name, names_of_habits()));
}

struct arguments {
  std::string listen = "127.0.0.1:0", statement, directory, key_file, callback, callback_ca;
  std::vector<std::string> faults;
  std::uint64_t seed = 1;
};

time_ns wall_clock() {
  return static_cast<time_ns>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

config::endpoint address_of(const char* option, const std::string& text) {
  config::endpoint out;
  if (const auto wrong = config::read_endpoint(text, out)) throw usage_error(std::string(option) + ": " + *wrong);
  return out;
}

outside_settings outside_of(const arguments& a) {
  outside_settings s;
  s.seed = a.seed;
  for (const std::string& f : a.faults) set_habit(s, f);
  if (const auto problem = s.problem(); !problem.empty()) throw usage_error("--faults: " + std::string(problem));
  return s;
}

/// The other end's own truth: one line for every movement of money (domain.md 1.4, statements).
void write_statement(const core::outside_book& book, const std::string& path) {
  if (path.empty()) return;
  std::ofstream out(path, std::ios::trunc);
  out << core::statement_header << "\n";
  for (const core::statement_line& line : book.statement(0, wall_clock())) out << core::text_of(line) << "\n";
  out.flush();
  if (!out) throw std::runtime_error("--statement: " + path + " cannot be written");
}

/// The first line says where it listens; whoever started it waits for that.
void say_port(std::uint16_t port) {
  std::printf("port %u\n", port);
  std::fflush(stdout);
}

int run_iso8583(const arguments& a) {
  actors::iso_host_options o;
  const config::endpoint at = address_of("--listen", a.listen);
  o.address = at.host;
  o.port = at.port;
  o.outside = outside_of(a);
  o.lines.seed = a.seed;
  asio::io_context io(1);
  actors::iso_host host(io, o, wall_clock);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { host.stop(); });
  say_port(host.port());
  io.run();
  write_statement(host.book(), a.statement);
  return verbs::exit_ok;
}

http_json::simulator_settings http_settings_of(const arguments& a) {
  http_json::simulator_settings s;
  s.outside = outside_of(a);
  const config::endpoint at = address_of("--listen", a.listen);
  s.server.address = at.host;
  s.server.port = at.port;
  s.directory = a.directory;
  s.key_file = a.key_file;
  s.sends_callbacks = !a.callback.empty();
  if (s.sends_callbacks) {
    const config::endpoint to = address_of("--callback", a.callback);
    s.callbacks.host = to.host;
    s.callbacks.port = to.port;
    s.platform_ca = a.callback_ca.empty() ? a.directory + "/ca.pem" : a.callback_ca;
  }
  return s;
}

int run_http(const arguments& a) {
  const http_json::simulator_settings s = http_settings_of(a);
  std::string problem;
  const auto needs = [&](const std::string& what) {
    if (!problem.empty()) throw std::runtime_error(what + problem);
  };
  const auto files = http_json::make_certificates(s.directory, problem);
  needs("--directory: ");
  const auto keys = http_json::key_ring::read(s.key_file, problem);
  needs("--key-file: ");
  const auto server = http_json::tls_context::server(files->certificate_file, files->key_file, problem);
  needs("--directory: ");
  const auto client = http_json::tls_context::client(s.sends_callbacks ? s.platform_ca : files->ca_file, problem);
  needs("--callback-ca: ");
  asio::io_context io(1);
  const auto simulator = std::make_shared<http_json::http_simulator>(io, s, *keys, wall_clock);
  problem = simulator->start(server, client);
  needs("--listen: ");
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) {
    simulator->stop();
    io.stop();
  });
  say_port(simulator->port());
  io.run();
  write_statement(simulator->book(), a.statement);
  return verbs::exit_ok;
}

void add_common(CLI::App& verb, arguments& a) {
  verb.add_option("--listen", a.listen, "HOST:PORT; port 0: any, which the first line of the output says")
      ->capture_default_str();
  verb.add_option("--seed", a.seed, "What becomes of an attempt follows from it and the attempt's id")
      ->capture_default_str();
  verb.add_option("--faults", a.faults, "NAME=N,...: shares of 1,000 attempts, or times. Names: " + names_of_habits())
      ->delimiter(',');
  verb.add_option("--statement", a.statement, "Written at the end: one line for each movement of money");
}

}  // namespace

void add_channel_sim(CLI::App& app, int& exit_code) {
  auto* verb = app.add_subcommand("channel-sim", "The other end of a channel's wire, until SIGTERM or Ctrl-C");
  verb->require_subcommand(1);
  auto a = std::make_shared<arguments>();
  auto* iso = verb->add_subcommand("iso8583", "A host that speaks ISO 8583 over TCP");
  add_common(*iso, *a);
  iso->callback(
      [a, &exit_code] { exit_code = verbs::guarded("channel-sim iso8583", [&] { return run_iso8583(*a); }); });
  auto* http = verb->add_subcommand("http", "An acquirer that speaks JSON over HTTPS");
  add_common(*http, *a);
  http->add_option("--directory", a->directory, "Where ca.pem, server.pem and server_key.pem are made")->required();
  http->add_option("--key-file", a->key_file, "Lines \"key_id hex\"; the platform has the same")->required();
  http->add_option("--callback", a->callback, "HOST:PORT of the platform's listener; without it none are sent");
  http->add_option("--callback-ca", a->callback_ca, "PEM; default: ca.pem of --directory");
  http->callback([a, &exit_code] { exit_code = verbs::guarded("channel-sim http", [&] { return run_http(*a); }); });
}

}  // namespace payloom::app
