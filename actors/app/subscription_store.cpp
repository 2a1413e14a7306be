#include "actors/app/subscription_store.hpp"

#include <cstring>
#include <filesystem>
#include <optional>
#include <random>

#include "protocol/types/assert.hpp"
#include "protocol/types/crc32c.hpp"
#include "protocol/types/kill_point.hpp"
#include "protocol/types/limits.hpp"
#include "storage/ports.hpp"

namespace payloom::app {

using storage::require;

namespace {

constexpr std::uint64_t batch_magic = 0x31425553'4c594150;  // "PAYLSUB1"
/// More than all that there can be, and one forgotten for each.
constexpr std::uint32_t batch_rows_max = 4 * limits::subscriptions_max;

/// In front of the rows of a batch. Batches stand one behind the other; the first has everything.
struct batch_header {
  std::uint64_t magic = batch_magic;
  std::uint64_t salt = 0;
  std::uint64_t number = 0;  ///< 1, 2, 3, ...
  std::uint32_t rows = 0;
  std::uint32_t crc = 0;  ///< CRC-32C of what stands before it, then of the rows
};
static_assert(sizeof(batch_header) == 32);
/// Headers stand at multiples of it.
constexpr std::size_t step = 32;
static_assert(sizeof(stored_subscription) % step == 0);

/// `batch` is not shorter than its header.
std::uint32_t crc_of(std::span<const std::byte> batch) {
  return crc32c(batch.subspan(sizeof(batch_header)), crc32c(batch.first(offsetof(batch_header, crc))));
}

/// The whole batch at `at` of a file's bytes; nullopt when there is none.
std::optional<batch_header> whole_batch(std::span<const std::byte> file, std::size_t at) {
  batch_header h;
  if (file.size() < at + sizeof h) return std::nullopt;
  std::memcpy(&h, file.data() + at, sizeof h);
  const std::size_t size = sizeof h + std::size_t{h.rows} * sizeof(stored_subscription);
  const bool fits = h.magic == batch_magic && h.rows <= batch_rows_max && size <= file.size() - at;
  if (!fits || crc_of(file.subspan(at, size)) != h.crc) return std::nullopt;
  return h;
}

std::vector<std::byte> read_all(const std::string& path) {
  storage::file in;
  require(storage::file::open(path, {}, nullptr, in), "open", path);
  std::uint64_t size = 0;
  require(in.size(size), "stat", path);
  // A file is made anew long before that.
  if (size > 16 * subscription_store::rewrite_bytes) throw storage::storage_failure(path + " is damaged: too long");
  std::vector<std::byte> bytes(size);
  if (size != 0) require(in.read(bytes, 0), "read", path);
  return bytes;
}

}  // namespace

std::vector<std::byte> subscription_store::make_batch(std::span<const stored_subscription> all,
                                                      std::uint64_t number) const {
  PAYLOOM_ASSERT(all.size() <= batch_rows_max);
  batch_header h;
  h.salt = salt_;
  h.number = number;
  h.rows = static_cast<std::uint32_t>(all.size());
  std::vector<std::byte> bytes(sizeof h + all.size_bytes());
  std::memcpy(bytes.data(), &h, sizeof h);
  if (!all.empty()) std::memcpy(bytes.data() + sizeof h, all.data(), all.size_bytes());
  h.crc = crc_of(bytes);
  std::memcpy(bytes.data(), &h, sizeof h);
  return bytes;
}

void subscription_store::take(const stored_subscription& one) {
  if (one.forgotten != 0) {
    all_.erase(one.key());
  } else {
    all_[one.key()] = one;
  }
}

std::vector<stored_subscription> subscription_store::load() {
  all_.clear();
  if (std::filesystem::exists(path())) {
    const std::vector<std::byte> bytes = read_all(path());
    std::size_t at = 0;
    std::uint64_t number = 0, salt = 0;
    while (at < bytes.size()) {
      const auto h = whole_batch(bytes, at);
      if (!h || h->number != number + 1 || (number != 0 && h->salt != salt)) break;
      number = h->number;
      salt = h->salt;
      for (std::uint32_t i = 0; i < h->rows; ++i) {
        stored_subscription one;
        std::memcpy(&one, bytes.data() + at + sizeof *h + i * sizeof one, sizeof one);
        take(one);
      }
      at += sizeof *h + std::size_t{h->rows} * sizeof(stored_subscription);
    }
    // The first batch was there before the file had its name; a later one was synced before the next was begun.
    bool damaged = number == 0;
    for (std::size_t next = at + step; next < bytes.size() && !damaged; next += step) {
      const auto h = whole_batch(bytes, next);
      damaged = h && h->salt == salt && h->number > number;
    }
    if (damaged)
      throw storage::storage_failure(path() + " is damaged at byte " + std::to_string(at) +
                                     ": restore it, or remove it and let every client subscribe anew");
  }
  rewrite();
  std::vector<stored_subscription> out;
  for (const auto& [key, one] : all_) out.push_back(one);
  return out;
}

/// The file as it should be, under its name in one step.
void subscription_store::rewrite() {
  std::random_device random;
  salt_ = std::uint64_t{random()} << 32 | random();
  std::vector<stored_subscription> rows;
  for (const auto& [key, one] : all_) rows.push_back(one);
  const std::vector<std::byte> batch = make_batch(rows, 1);
  const std::string unfinished = path() + ".new";
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  storage::file next;
  require(storage::file::open(unfinished, {.write = true, .create = true}, nullptr, next), "create", unfinished);
  require(next.write(batch, 0), "write", unfinished);
  require(next.sync(), "sync", unfinished);
  pass_kill_point(kill_point::subscription_remade);
  require(storage::rename_file(unfinished, path(), nullptr), "rename", unfinished);
  pass_kill_point(kill_point::subscription_named);
  require(storage::sync_directory(directory_, nullptr), "sync", directory_);
  file_ = std::move(next);
  number_ = 1;
  end_ = batch.size();
  broken_ = false;
}

void subscription_store::write(std::span<const stored_subscription> changes) {
  for (const stored_subscription& one : changes) take(one);
  const std::uint64_t least = sizeof(batch_header) + all_.size() * sizeof(stored_subscription);
  if (broken_ || end_ > std::max(rewrite_bytes, 4 * least)) return rewrite();
  const std::vector<std::byte> batch = make_batch(changes, number_ + 1);
  broken_ = true;  // until it is known to be whole
  pass_kill_point(kill_point::subscription_laid);
  require(file_.write(batch, end_), "write", path());
  require(file_.sync(), "sync", path());
  pass_kill_point(kill_point::subscription_written);
  broken_ = false;
  ++number_;
  end_ += batch.size();
}

}  // namespace payloom::app
