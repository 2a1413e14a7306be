// The table of all configuration keys. To add one: a field in settings.hpp, a row here, then `scripts/build` and
// `payloom print-config > config/payloom.yaml`; tests/config compares that file and OPERATIONS.md with it.
#include <algorithm>
#include <array>

#include "config/key.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

constexpr std::uint64_t KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB, TiB = 1024 * GiB;
constexpr std::uint64_t second = 1000, minute = 60 * second, hour = 60 * minute;

// The place of one field, as a function, so that the table is made before any settings exist.
#define PAYLOOM_AT(member) +[](settings& s) -> field { return &s.member; }

constexpr auto table = std::to_array<key>({
    {"server.listen", "Address and port for clients; port 0 lets the system choose (the log line `listening` says it).",
     "127.0.0.1:7400", PAYLOOM_AT(server.listen)},
    {"server.io_threads", "Threads that read and write sockets; each serves its share of the connections.", "1",
     PAYLOOM_AT(server.io_threads), 1, 256, unit::none},
    {"server.max_connections", "Connections open at once; one more is answered `too_many_connections` and closed.",
     "4096", PAYLOOM_AT(server.max_connections), 1, 65'536, unit::none},
    {"server.handshake_timeout", "Time from accepting a connection to its complete hello; then it is closed.", "5s",
     PAYLOOM_AT(server.handshake_timeout), 10, 10 * minute, unit::time},
    {"server.frame_timeout", "Time from a frame's first byte to its last; a slower writer is closed (`too_slow`).",
     "10s", PAYLOOM_AT(server.frame_timeout), 10, 10 * minute, unit::time},
    {"server.idle_timeout", "Time without any request in flight after which a connection is closed; pings count.",
     "2min", PAYLOOM_AT(server.idle_timeout), 100, 24 * hour, unit::time},
    {"server.write_timeout", "Time a reply may wait for a peer that does not read; then the connection is closed.",
     "30s", PAYLOOM_AT(server.write_timeout), 10, 10 * minute, unit::time},
    {"server.half_open_timeout", "Time after which a peer that answers nothing at TCP level counts as gone.", "30s",
     PAYLOOM_AT(server.half_open_timeout), 1 * second, hour, unit::time},
    {"server.out_queue_bytes",
     "Reply bytes queued for one connection; a slower reader is not read from until it drains.", "4MiB",
     PAYLOOM_AT(server.out_queue_bytes), 2 * MiB, GiB, unit::bytes},
    {"server.drain_timeout", "Time that a shutdown waits for requests in flight before it closes connections.", "30s",
     PAYLOOM_AT(server.drain_timeout), 0, hour, unit::time},

    {"credits.session_requests", "Requests in flight that the handshake grants one connection.", "1024",
     PAYLOOM_AT(credits.session_requests), 1, 65'536, unit::none},
    {"credits.session_events", "Events in flight that the handshake grants one connection; at least one full frame.",
     "131072", PAYLOOM_AT(credits.session_events), limits::frame_events_max, 1u << 24, unit::events},
    {"credits.total_events", "Events in flight over all connections; beyond it new requests get `overloaded`.", "4M",
     PAYLOOM_AT(credits.total_events), limits::frame_events_max, 1u << 30, unit::events},
    {"credits.total_bytes", "Request bytes in flight over all connections; beyond it new requests get `overloaded`.",
     "1GiB", PAYLOOM_AT(credits.total_bytes), limits::frame_bytes_max, 256 * GiB, unit::bytes},
    {"credits.retry_after", "Pause asked of clients that get `overloaded`, `unavailable` or `draining`.", "20ms",
     PAYLOOM_AT(credits.retry_after), 1, minute, unit::time},

    {"topology.order_shards", "Actors that own transfer ids, holds and deadlines; `auto` is one per core.", "auto",
     PAYLOOM_AT(topology.order_shards), 1, limits::shards_max, unit::none, true},
    {"topology.account_shards", "Actors that own accounts; `auto` is one per core.", "auto",
     PAYLOOM_AT(topology.account_shards), 1, limits::shards_max, unit::none, true},
    {"topology.hot_account_shards", "Actors that hold the accounts marked hot and no others; `auto` is one per core.",
     "auto", PAYLOOM_AT(topology.hot_account_shards), 1, limits::shards_max, unit::none, true},
    {"topology.workers", "Threads that run the shards; `auto` is one per core.", "auto", PAYLOOM_AT(topology.workers),
     1, 1024, unit::none, true},

    {"scheduler.policy", "How idle workers find work: `sharing` (one queue, low latency) or `stealing` (a queue each).",
     "sharing", PAYLOOM_AT(scheduler.policy)},
    {"scheduler.max_throughput", "Messages that a shard takes in a row before its worker looks at other shards.", "300",
     PAYLOOM_AT(scheduler.max_throughput), 1, 1'000'000, unit::none},
    {"scheduler.inline_events", "Requests with up to this many events run on the I/O thread itself; 0 never.", "2048",
     PAYLOOM_AT(scheduler.inline_events), 0, limits::frame_events_max, unit::events},

    {"storage.directory", "Data directory: journal segments, index and lock; relative to the working directory.",
     "payloom-data", PAYLOOM_AT(storage.directory)},
    {"storage.segment_bytes", "Size of one journal segment file; segments are written ahead at this size.", "64MiB",
     PAYLOOM_AT(storage.segment_bytes), 16 * MiB, 4 * GiB, unit::bytes},
    {"storage.min_free_bytes", "Free disk space below which the index is not written; it catches up afterwards.",
     "256MiB", PAYLOOM_AT(storage.min_free_bytes), 0, 16 * TiB, unit::bytes},

    {"journal.inline_bytes", "A group up to this size is written by the thread that has it when the pipeline is empty.",
     "192KiB", PAYLOOM_AT(journal.inline_bytes), 0, limits::group_bytes_max, unit::bytes},

    {"index.lag_events_max", "Events that the index may stand behind the journal; beyond it admission slows down.",
     "16M", PAYLOOM_AT(index.lag_events_max), 100'000, 1'000'000'000, unit::events},
    {"index.cache_bytes", "Memory for blocks of the index database.", "64MiB", PAYLOOM_AT(index.cache_bytes), 8 * MiB,
     TiB, unit::bytes},

    {"accounts.max", "Accounts that may exist; a further one is refused. About 300 bytes of memory each.", "16M",
     PAYLOOM_AT(accounts.max), 1, 4'000'000'000, unit::none},

    {"payments.folder", "Folder with the payment catalogue (the files of config/payments); empty: the shipped one.", "",
     PAYLOOM_AT(payments.folder), 0, 0, unit::none, false, true},
    {"payments.orders_max", "Open orders held in memory; a further one is refused. About 430 bytes of memory each.",
     "4M", PAYLOOM_AT(payments.orders_max), 1, 1'000'000'000, unit::none},
    {"payments.settle_automatically", "Merchants are settled when their plan says so; otherwise only by command.",
     "true", PAYLOOM_AT(payments.settle_automatically)},

    {"channels.wires", "File that says where channels are (see OPERATIONS.md); empty: those with a wire send nothing.",
     "", PAYLOOM_AT(channels.wires), 0, 0, unit::none, false, true},

    {"deadlines.default", "Deadline of a request that names none; then what is undecided is `deadline_exceeded`.",
     "10s", PAYLOOM_AT(deadlines.default_timeout), 1, 10 * minute, unit::time},

    {"partition.cluster", "Identity of the deployment, hexadecimal; a data directory of another cluster is refused.",
     "0x0", PAYLOOM_AT(partition.cluster)},
    {"partition.number", "Number of this partition within the cluster.", "0", PAYLOOM_AT(partition.number), 0, 4095,
     unit::none},
    {"partition.shadow", "The main partition carries shadow traffic; its data directory is marked for ever.", "false",
     PAYLOOM_AT(partition.shadow)},

    {"shadow.listen", "Address of a second partition in this process, for shadow traffic; empty: none.", "",
     PAYLOOM_AT(shadow.listen), 0, 0, unit::none, false, true},
    {"shadow.directory", "Data directory of the shadow partition; needed with shadow.listen.", "",
     PAYLOOM_AT(shadow.directory), 0, 0, unit::none, false, true},

    {"ledgers", "Ledgers beside the ISO 4217 currencies: a list of {id: 1000 or more, name: TEXT, exponent: DECIMALS}.",
     "[]", PAYLOOM_AT(ledgers), 0, 10'000},
    {"hot_accounts", "Accounts of tenant 0 marked hot at start: a list of ids, decimal or 0x hexadecimal.", "[]",
     PAYLOOM_AT(hot_accounts), 0, 65'536},

    {"log.level", "Least level of the lines written to stderr: `debug`, `info`, `warn` or `error`.", "info",
     PAYLOOM_AT(log.level)},
    {"log.format", "Form of the lines: `logfmt` for people, `json` for collectors.", "logfmt", PAYLOOM_AT(log.format)},
});
#undef PAYLOOM_AT

constexpr bool paths_are_unique() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (table[i].path == table[j].path) return false;
    }
  }
  return true;
}
static_assert(paths_are_unique());

}  // namespace

std::span<const key> keys() { return table; }

const key* find_key(std::string_view path) {
  const auto at = std::ranges::find(table, path, &key::path);
  return at != table.end() ? &*at : nullptr;
}

std::string_view section_of(std::string_view path) {
  const std::size_t dot = path.find('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

std::string_view name_of(std::string_view path) { return path.substr(path.find('.') + 1); }

}  // namespace payloom::config
