#include "storage/log/data_directory.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "protocol/types/crc32c.hpp"
#include "protocol/types/u128_text.hpp"
#include "storage/log/errors.hpp"

namespace payloom::storage {

namespace {

constexpr std::size_t format_file_bytes_max = 4096;

std::string format_path(const std::string& path) { return path + "/FORMAT"; }

/// The text of FORMAT; it ends in a checksum of everything before, so every change is noticed.
std::string format_text(std::uint32_t format, const data_stamp& stamp) {
  std::string text = "payloom data directory\nformat " + std::to_string(format) + "\ncluster " + to_hex(stamp.cluster) +
                     "\npartition " + std::to_string(stamp.partition) + "\nshadow " + (stamp.shadow ? "1" : "0") + "\n";
  const std::uint32_t crc = crc32c(std::as_bytes(std::span(text)));
  return text + "crc " + to_hex(crc) + "\n";
}

/// The rest of the line that starts with `key` and a space.
std::optional<std::string_view> line_of(std::string_view text, std::string_view key) {
  std::string start(1, '\n');
  start.append(key).append(" ");
  const std::size_t at = text.find(start);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + start.size());
  return text.substr(0, text.find('\n'));
}

std::optional<std::uint32_t> number_of(std::string_view text, std::string_view key) {
  const auto line = line_of(text, key);
  std::uint32_t value = 0;
  if (!line) return std::nullopt;
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), value);
  if (error != std::errc() || end != line->data() + line->size()) return std::nullopt;
  return value;
}

std::string read_text(const std::string& path) {
  file in;
  const int error = file::open(path, {}, nullptr, in);
  if (error == ENOENT) throw directory_refused(path + " does not exist: run `payloom init` first");
  require(error, "open", path);
  std::uint64_t size = 0;
  require(in.size(size), "stat", path);
  if (size > format_file_bytes_max) throw directory_refused(path + " is damaged: too long");
  std::string text(size, '\0');
  require(in.read(std::as_writable_bytes(std::span(text)), 0), "read", path);
  return text;
}

}  // namespace

bool is_data_directory(const std::string& path) { return std::filesystem::exists(format_path(path)); }

void init_data_directory(const std::string& path, const data_stamp& stamp) {
  namespace fs = std::filesystem;
  if (is_data_directory(path)) throw directory_refused(path + " is a data directory already");
  std::error_code failed;
  fs::create_directories(path + "/journal", failed);
  if (failed) throw directory_refused("cannot create " + path + "/journal: " + failed.message());
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename();
    const bool ours = name == "LOCK" || name == "FORMAT.new" || (name == "journal" && fs::is_empty(entry.path()));
    if (!ours) throw directory_refused(path + " is not empty: it contains " + name);
  }
  const std::string text = format_text(data_format, stamp);
  const std::string unfinished = format_path(path) + ".new";
  fs::remove(unfinished);
  file out;
  require(file::open(unfinished, {.write = true, .create = true}, nullptr, out), "create", unfinished);
  require(out.write(std::as_bytes(std::span(text)), 0), "write", unfinished);
  require(out.sync(), "sync", unfinished);
  require(rename_file(unfinished, format_path(path), nullptr), "rename", unfinished);
  require(sync_directory(path, nullptr), "sync", path);
}

data_stamp read_data_stamp(const std::string& path) {
  const std::string name = format_path(path);
  const std::string text = read_text(name);
  const auto format = number_of(text, "format");
  if (format && *format > data_format) {
    throw directory_refused(path + " has format " + std::to_string(*format) + ", this program knows up to " +
                            std::to_string(data_format) + ": use a newer program");
  }
  if (format && *format < data_format) {
    throw directory_refused(path + " has format " + std::to_string(*format) + ", this program reads format " +
                            std::to_string(data_format) + ": use the program that wrote it");
  }
  const auto cluster_text = line_of(text, "cluster");
  const auto cluster = cluster_text ? parse_hex(*cluster_text) : std::nullopt;
  const auto partition = number_of(text, "partition");
  const auto shadow = number_of(text, "shadow");
  if (!format || !cluster || !partition || !shadow) throw directory_refused(name + " is damaged: a line is missing");
  const data_stamp stamp{.cluster = *cluster, .partition = *partition, .shadow = *shadow == 1};
  if (text != format_text(data_format, stamp)) throw directory_refused(name + " is damaged: checksum mismatch");
  return stamp;
}

data_directory::data_directory(const std::string& path) : path_(path) {
  if (!is_data_directory(path)) throw directory_refused(path + " is no data directory: run `payloom init` first");
  const std::string name = path + "/LOCK";
  int error = file::open(name, {.write = true}, nullptr, lock_);
  if (error == ENOENT) error = file::open(name, {.write = true, .create = true}, nullptr, lock_);
  if (error == EEXIST) error = file::open(name, {.write = true}, nullptr, lock_);  // another process made it meanwhile
  require(error, "open", name);
  error = lock_.lock();
  if (error == EWOULDBLOCK) throw directory_refused(path + " is in use by another server (" + name + " is locked)");
  require(error, "lock", name);
  stamp_ = read_data_stamp(path);
}

}  // namespace payloom::storage
