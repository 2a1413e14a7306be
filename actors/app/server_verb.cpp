#include "actors/app/server_verb.hpp"

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <vector>

#include "actors/app/partition_service.hpp"
#include "actors/app/service_notify.hpp"
#include "config/loader.hpp"
#include "config/log.hpp"

namespace payloom::app {

namespace {

struct server_arguments {
  std::string config_file, listen, directory;
  std::vector<std::string> set;
};

/// Settings from file and command line; prints every problem and returns false when there is one.
bool read_settings(const server_arguments& a, config::settings& out) {
  std::vector<std::string> problems;
  if (a.config_file.empty()) {
    out = config::default_settings();
  } else {
    config::load_result r = config::load_file(a.config_file);
    for (const auto& p : r.problems) problems.push_back(to_string(p));
    out = r.value;
  }
  const auto set = [&](const std::string& key, const std::string& value) {
    if (const auto wrong = config::set_key(out, key, value)) problems.push_back("command line: " + *wrong);
  };
  if (!a.listen.empty()) set("server.listen", a.listen);
  if (!a.directory.empty()) set("storage.directory", a.directory);
  for (const std::string& s : a.set) {
    const auto eq = s.find('=');
    if (eq == std::string::npos) {
      problems.push_back("command line: --set wants KEY=VALUE, got " + s);
    } else {
      set(s.substr(0, eq), s.substr(eq + 1));
    }
  }
  if (problems.empty())
    for (const auto& c : config::check_relations(out)) problems.push_back(std::string(c.path) + ": " + c.message);
  for (const std::string& p : problems) std::fprintf(stderr, "%s\n", p.c_str());
  return problems.empty();
}

int serve(const config::settings& settings) {
  config::configure_log(settings.log);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // inherited by every thread: only the wait below sees them
  std::signal(SIGPIPE, SIG_IGN);
  try {
    actors::system_options system;
    system.workers = config::resolve_auto(settings.topology.workers, std::thread::hardware_concurrency());
    system.stealing = settings.scheduler.policy == config::scheduler_policy::stealing;
    system.max_throughput = static_cast<std::uint32_t>(settings.scheduler.max_throughput);
    actors::actor_host host(system);
    partition_service main(settings, {settings.server.listen, settings.storage.directory, settings.partition.shadow},
                           host);
    std::unique_ptr<partition_service> shadow;
    if (settings.shadow.enabled())
      shadow = std::make_unique<partition_service>(
          settings, partition_service::place{settings.shadow.listen, settings.shadow.directory, true}, host);
    notify_service("READY=1\nSTATUS=serving");
    int signal = 0;
    sigwait(&signals, &signal);
    notify_service("STOPPING=1\nSTATUS=draining");
    config::log(config::log_level::info, "draining", {{"signal", signal}});
    if (shadow) shadow->drain();
    const bool clean = main.drain();
    config::log(clean ? config::log_level::info : config::log_level::warn, "stopped", {{"clean", clean}});
    return 0;
  } catch (const std::exception& e) {
    config::log(config::log_level::error, "start_failed", {{"error", std::string(e.what())}});
    return 1;
  }
}

}  // namespace

void add_server(CLI::App& app, int& exit_code) {
  auto* verb = app.add_subcommand("server", "serve the ledger until SIGTERM or Ctrl-C");
  auto a = std::make_shared<server_arguments>();
  verb->add_option("--config", a->config_file, "configuration file (YAML)");
  verb->add_option("--listen", a->listen, "HOST:PORT to listen on (overrides server.listen)");
  verb->add_option("--data", a->directory, "data directory (overrides storage.directory)");
  verb->add_option("--set", a->set, "KEY=VALUE: set any configuration key");
  verb->callback([a, &exit_code] {
    config::settings settings{};
    exit_code = read_settings(*a, settings) ? serve(settings) : 2;
  });
}

}  // namespace payloom::app
