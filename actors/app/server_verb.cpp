#include "actors/app/server_verb.hpp"

#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "actors/app/partition_service.hpp"
#include "actors/app/service_notify.hpp"
#include "actors/app/settings_options.hpp"
#include "config/log.hpp"
#include "config/print.hpp"
#include "protocol/types/kill_point.hpp"

namespace payloom::app {

namespace {

int serve(const config::settings& settings) {
  config::configure_log(settings.log);
  config::log(config::log_level::info, "settings", {{"changed", config::print_changed(settings)}});
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // inherited by every thread: only the wait below sees them
  std::signal(SIGPIPE, SIG_IGN);
  // Batches of hundreds of KiB come and go all the time: keep their pages instead of asking the kernel again, but not
  // much more than that in each thread's part of the heap.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
  mallopt(M_ARENA_MAX, 2);  // what one thread gave back serves the others; batches only, so no thread waits for long
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
    while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
      main.reload_catalog();
      if (shadow) shadow->reload_catalog();
    }
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

/// For the crash tests only, so it is not shown. False, with a line on stderr, when there is no such point.
bool arm(const std::string& point) {
  if (point.empty()) return true;
  if (arm_kill_point(point)) {
    config::log(config::log_level::warn, "kill_point_armed", {{"point", point}});
    return true;
  }
  std::fprintf(stderr, "--kill-at %s: NAME or NAME:COUNT, and NAME is one of:", point.c_str());
  for (const kill_point_info& known : all_kill_points()) std::fprintf(stderr, " %s", std::string(known.name).c_str());
  std::fprintf(stderr, "\n");
  return false;
}

}  // namespace

void add_server(CLI::App& app, int& exit_code) {
  auto* verb = app.add_subcommand("server", "Serves the ledger until SIGTERM or Ctrl-C");
  auto a = add_settings_options(*verb);
  verb->footer(
      "Exit codes: 0 ended by SIGTERM or Ctrl-C, 1 could not serve, 2 wrong settings, 70 the disk or the data failed.");
  auto kill_at = std::make_shared<std::string>();
  verb->add_option("--kill-at", *kill_at)->group("");
  verb->callback([a, kill_at, &exit_code] {
    config::settings settings{};
    exit_code = arm(*kill_at) && read_settings(*a, settings) ? serve(settings) : 2;
  });
}

}  // namespace payloom::app
