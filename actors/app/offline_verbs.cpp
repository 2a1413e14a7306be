#include "actors/app/offline_verbs.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>

#include "actors/app/settings_options.hpp"
#include "actors/app/verbs/common.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "actors/app/verify_report.hpp"
#include "actors/follower/follower.hpp"
#include "config/catalog/payment_loader.hpp"
#include "config/key.hpp"
#include "config/print.hpp"
#include "config/value_text.hpp"
#include "protocol/types/u128_text.hpp"
#include "storage/log/inspect.hpp"
#include "storage/log/segment_log.hpp"

namespace payloom::app {

namespace {

using nlohmann::ordered_json;
using verbs::guarded;

/// A data directory opened alone: journal, index and a recovered follower, without shards or network.
struct opened_books {
  explicit opened_books(const std::string& path, bool rebuild_index = false)
      : directory(path), journal(directory, quiet()), index(prepare(path, rebuild_index)), follower(journal, index) {
    follower.recover(nullptr);
  }
  static storage::log_options quiet() {
    storage::log_options o;
    o.prewrite = false;
    o.hash_segments = false;
    return o;
  }
  storage::index_options prepare(const std::string& path, bool rebuild) const {
    storage::index_options o;
    o.path = path + "/index";
    o.stamp = directory.stamp().cluster;
    if (rebuild) storage::index_store::drop(o.path);
    return o;
  }
  storage::data_directory directory;
  storage::segment_log journal;
  storage::index_store index;
  follower::follower follower;
};

int show(const ordered_json& what, bool json, bool good) {
  fmt::print("{}", json ? what.dump() + "\n" : verbs::json_text(what));
  return good ? 0 : 1;
}

constexpr const char* exit_codes = "Exit codes: 0 done, 1 failed or something is wrong, 2 usage.";

void add_init(CLI::App& app, int& exit_code) {
  struct arguments {
    std::string data, cluster;
    std::uint32_t partition = 0;
    bool shadow = false, json = false;
  };
  auto a = std::make_shared<arguments>();
  auto* verb = app.add_subcommand("init", "Makes an empty data directory");
  verb->add_option("--data", a->data, "The directory")->required();
  verb->add_option("--cluster", a->cluster, "Cluster id (hexadecimal; drawn at random when absent)");
  verb->add_option("--partition", a->partition, "Partition number");
  verb->add_flag("--shadow", a->shadow, "For the shadow partition");
  verbs::add_json(*verb, a->json);
  verb->footer(exit_codes);
  verb->callback([a, &exit_code] {
    exit_code = guarded("init", [&] {
      storage::data_stamp stamp;
      stamp.partition = a->partition;
      stamp.shadow = a->shadow;
      if (!a->cluster.empty()) {
        const auto id = parse_hex(a->cluster);
        if (!id) throw verbs::usage_error("--cluster is no hexadecimal number of 128 bits");
        stamp.cluster = *id;
      } else {
        std::random_device r;
        stamp.cluster = make_u128((std::uint64_t{r()} << 32) | r(), (std::uint64_t{r()} << 32) | r());
      }
      storage::init_data_directory(a->data, stamp);
      return show({{"data", a->data},
                   {"cluster", to_hex(stamp.cluster)},
                   {"partition", stamp.partition},
                   {"shadow", stamp.shadow}},
                  a->json, true);
    });
  });
}

int journal_inspect(const std::string& data, bool json) {
  ordered_json rows = ordered_json::array();
  bool good = true;
  for (const auto& s : storage::inspect_journal(data)) {
    rows.push_back({{"segment", s.number},
                    {"state", storage::name_of(s.state)},
                    {"first_sequence", s.first_sequence},
                    {"events", s.events},
                    {"groups", s.groups},
                    {"used_bytes", s.used_bytes},
                    {"file_bytes", s.file_bytes},
                    {"hashed", s.hashed},
                    {"problem", s.problem}});
    good = good && s.state != storage::segment_state::damaged;
  }
  return show(ordered_json{{"segments", rows}}, json, good);
}

int journal_verify(const std::string& data, bool json) {
  const storage::verify_report r = storage::verify_journal(data);
  return show({{"passed", r.ok},
               {"last_sequence", r.position.next_sequence - 1},
               {"hashes_checked", r.hashes_checked},
               {"hashes_missing", r.hashes_missing},
               {"problem", r.problem},
               {"file", r.file},
               {"offset", r.offset}},
              json, r.ok);
}

/// A line of `dump_journal` as one JSON object: SEQUENCE TIME KIND key=value ... Amounts and ids are text.
std::string event_json(const std::string& line) {
  std::istringstream words(line);
  commit_seq sequence = 0;
  time_ns time = 0;
  std::string kind;
  words >> sequence >> time >> kind;
  ordered_json out{{"sequence", sequence}, {"timestamp", verbs::format_time(time)}, {"kind", kind}};
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    out[word.substr(0, equals)] = equals == std::string::npos ? std::string() : word.substr(equals + 1);
  }
  return out.dump();
}

void add_journal(CLI::App& app, int& exit_code) {
  auto* journal = app.add_subcommand("journal", "Looks into the journal of a data directory");
  journal->require_subcommand(1);
  struct arguments {
    std::string data;
    commit_seq from = 1, to = 0;
    bool json = false;
  };
  auto a = std::make_shared<arguments>();
  const auto verb = [&](const char* name, const char* text) {
    auto* v = journal->add_subcommand(name, text);
    v->add_option("--data", a->data, "The data directory")->required();
    verbs::add_json(*v, a->json);
    v->footer(exit_codes);
    return v;
  };
  verb("inspect", "Lists the segments")->callback([a, &exit_code] {
    exit_code = guarded("journal inspect", [&] { return journal_inspect(a->data, a->json); });
  });
  verb("verify", "Checks every checksum, chain and hash")->callback([a, &exit_code] {
    exit_code = guarded("journal verify", [&] { return journal_verify(a->data, a->json); });
  });
  auto* dump = verb("dump", "Prints events, one line each; with --json one object a line");
  dump->add_option("--from", a->from, "First sequence");
  dump->add_option("--to", a->to, "Last sequence (0: to the end)");
  dump->callback([a, &exit_code] {
    exit_code = guarded("journal dump", [&] {
      storage::dump_journal(a->data, a->from, a->to, [&](const std::string& line) {
        fmt::print("{}\n", a->json ? event_json(line) : line);
        return true;
      });
      return 0;
    });
  });
}

void add_index(CLI::App& app, int& exit_code) {
  auto* index = app.add_subcommand("index", "Looks after the index of a data directory");
  index->require_subcommand(1);
  struct arguments {
    std::string data;
    bool json = false;
  };
  auto a = std::make_shared<arguments>();
  auto* rebuild = index->add_subcommand("rebuild", "Drops the index and makes it again from the journal");
  rebuild->add_option("--data", a->data, "The data directory (no server may use it)")->required();
  verbs::add_json(*rebuild, a->json);
  rebuild->footer(exit_codes);
  rebuild->callback([a, &exit_code] {
    exit_code = guarded("index rebuild", [&] {
      opened_books books(a->data, true);
      books.follower.start();
      const commit_seq end = books.journal.durable_through();
      const auto patience = std::chrono::steady_clock::now() + std::chrono::hours(24);
      if (!books.follower.flush_index(end, patience)) throw std::runtime_error(books.follower.failure());
      books.follower.stop();
      return show({{"data", a->data}, {"indexed_sequence", books.index.indexed_seq()}}, a->json, true);
    });
  });
}

void add_verify(CLI::App& app, int& exit_code) {
  struct arguments {
    verbs::common_options common;
    std::string data;
  };
  auto a = std::make_shared<arguments>();
  a->common.timeout_ms = 600'000;
  auto* verb = app.add_subcommand("verify", "Checks the books: of a live server, or of a data directory with --data");
  verbs::add_common(*verb, a->common);
  verb->add_option("--data", a->data, "Check this data directory instead (no server may use it)");
  verb->callback([a, &exit_code] {
    if (a->data.empty()) {
      exit_code = verbs::run_verify_live(a->common);
      return;
    }
    exit_code = guarded("verify", [&] {
      opened_books books(a->data);
      const follower::verify_report report = follower::verify(books.journal, books.follower, books.index);
      return show(ordered_json::parse(verify_json(report, 0)), a->common.json, report.good());
    });
  });
}

/// What is wrong with the payment catalogue of one's own.
std::vector<std::string> catalogue_problems(const config::settings& settings) {
  std::vector<std::string> problems;
  if (settings.payments.folder.empty()) return problems;
  const config::ledger_directory ledgers(settings.ledgers);
  for (const config::problem& p : config::load_payment_catalog(settings.payments.folder, ledgers).problems)
    problems.push_back(config::to_string(p));
  return problems;
}

void add_config(CLI::App& app, int& exit_code) {
  auto* check = app.add_subcommand("check-config", "Lists everything that is wrong with a configuration");
  auto a = add_settings_options(*check);
  auto json = std::make_shared<bool>(false);
  verbs::add_json(*check, *json);
  check->footer(exit_codes);
  check->callback([a, json, &exit_code] {
    config::settings settings{};
    std::vector<std::string> problems = find_problems(*a, settings);
    if (problems.empty()) problems = catalogue_problems(settings);
    exit_code = problems.empty() ? 0 : 1;
    if (*json) {
      fmt::print("{}\n", ordered_json{{"good", problems.empty()}, {"problems", problems}}.dump());
    } else if (problems.empty()) {
      fmt::print("the configuration is good\n");
    } else {
      print_problems(problems);
    }
  });
  auto* print = app.add_subcommand(
      "print-config",
      "Prints the effective configuration as YAML; with --json keys and values as the YAML writes them");
  auto b = add_settings_options(*print);
  print->footer(exit_codes);
  auto as_json = std::make_shared<bool>(false);
  verbs::add_json(*print, *as_json);
  print->callback([b, as_json, &exit_code] {
    config::settings settings{};
    exit_code = read_settings(*b, settings) ? 0 : 1;
    if (exit_code != 0) return;
    ordered_json values;
    for (const config::key& k : config::keys()) values[std::string(k.path)] = config::write_value(k, settings);
    fmt::print("{}", *as_json ? values.dump() + "\n" : config::print_yaml(settings));
  });
}

}  // namespace

void add_offline_verbs(CLI::App& app, int& exit_code) {
  add_init(app, exit_code);
  add_journal(app, exit_code);
  add_index(app, exit_code);
  add_verify(app, exit_code);
  add_config(app, exit_code);
}

}  // namespace payloom::app
