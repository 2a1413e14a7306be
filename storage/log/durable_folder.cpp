#include "storage/log/durable_folder.hpp"

#include <filesystem>
#include <system_error>

#include "storage/log/errors.hpp"
#include "storage/log/file.hpp"
#include "storage/log/segment_hash.hpp"

namespace payloom::storage {

namespace fs = std::filesystem;

namespace {

void write_synced(const std::string& path, std::string_view text) {
  file out;
  require(file::open(path, {.write = true, .create = true}, nullptr, out), "create", path);
  if (!text.empty()) require(out.write(std::as_bytes(std::span(text)), 0), "write", path);
  require(out.sync(), "sync", path);
}

void must(const std::error_code& failed, const char* what, const std::string& path) {
  if (failed) throw storage_failure(std::string(what) + " " + path + ": " + failed.message());
}

}  // namespace

void write_folder(const std::string& parent, const std::string& name, std::span<const small_file> files) {
  std::error_code failed;
  if (fs::create_directories(parent, failed); !failed) {
    require(sync_directory(fs::path(parent).parent_path().string(), nullptr), "sync", parent);
  }
  must(failed, "create", parent);
  const std::string whole = parent + "/" + name, unfinished = whole + ".new";
  if (fs::exists(whole)) throw storage_failure(whole + " exists already");
  fs::remove_all(unfinished, failed);
  must(failed, "remove", unfinished);
  fs::create_directory(unfinished, failed);
  must(failed, "create", unfinished);
  for (const small_file& f : files) write_synced(unfinished + "/" + f.name, f.text);
  require(sync_directory(unfinished, nullptr), "sync", unfinished);
  require(rename_file(unfinished, whole, nullptr), "rename", unfinished);
  require(sync_directory(parent, nullptr), "sync", parent);
}

void write_small_file(const std::string& folder, const small_file& f) {
  const std::string whole = folder + "/" + f.name, unfinished = whole + ".new";
  std::error_code failed;
  fs::remove(unfinished, failed);
  must(failed, "remove", unfinished);
  write_synced(unfinished, f.text);
  require(rename_file(unfinished, whole, nullptr), "rename", unfinished);
  require(sync_directory(folder, nullptr), "sync", folder);
}

std::string read_small_file(const std::string& path) {
  file in;
  require(file::open(path, {}, nullptr, in), "open", path);
  std::uint64_t size = 0;
  require(in.size(size), "stat", path);
  if (size > small_file_bytes_max) throw storage_failure(path + " is damaged: too long");
  std::string text(size, '\0');
  if (size != 0) require(in.read(std::as_writable_bytes(std::span(text)), 0), "read", path);
  return text;
}

std::string hash_of(std::span<const small_file> files) {
  std::string all;
  for (const small_file& f : files) {
    all += f.name + '\n' + std::to_string(f.text.size()) + '\n';
    all += f.text;
  }
  return to_hex_digest(hash_bytes(std::as_bytes(std::span(all))));
}

}  // namespace payloom::storage
