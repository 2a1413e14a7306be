// The payloom binary: one verb per job.
#include <CLI/CLI.hpp>

#include "actors/app/bench/run_bench.hpp"
#include "actors/app/channel_sim_verb.hpp"
#include "actors/app/offline_verbs.hpp"
#include "actors/app/server_verb.hpp"
#include "actors/app/verbs/register.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Payloom: a payment platform's ledger in one server"};
  app.require_subcommand(1);
  int exit_code = 0;
  payloom::app::add_server(app, exit_code);
  payloom::app::add_channel_sim(app, exit_code);
  payloom::bench::add_bench(app, exit_code);
  payloom::app::add_offline_verbs(app, exit_code);
  payloom::verbs::add_client_verbs(app, exit_code, {.verify = false});
  return payloom::verbs::parse_and_run(app, argc, argv, exit_code);
}
