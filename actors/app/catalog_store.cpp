#include "actors/app/catalog_store.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "protocol/types/crc32c.hpp"
#include "protocol/types/u128_text.hpp"
#include "storage/ports.hpp"

namespace payloom::app {

namespace {

constexpr const char* accepted_name = "ACCEPTED";
constexpr const char* retired_name = "RETIRED";

using lines = std::vector<std::pair<std::string, std::string>>;

/// The text of ACCEPTED and RETIRED: a key and its value a line, the last one a checksum of the others.
std::string sealed_text(const lines& all) {
  std::string text;
  for (const auto& [key, value] : all) text += key + " " + value + "\n";
  return text + "crc " + to_hex(crc32c(std::as_bytes(std::span(text)))) + "\n";
}

lines read_sealed(const std::string& path) {
  const std::string text = storage::read_small_file(path);
  lines all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const std::size_t space = std::min(line.find(' '), line.size());
    all.emplace_back(line.substr(0, space), line.substr(std::min(space + 1, line.size())));
    at = end + 1;
  }
  if (!all.empty()) all.pop_back();
  if (text != sealed_text(all)) throw storage::storage_failure(path + " is damaged: checksum mismatch");
  return all;
}

std::string value_of(const lines& all, const std::string& key) {
  const auto at = std::ranges::find(all, key, &lines::value_type::first);
  return at == all.end() ? "" : at->second;
}

lines lines_of(const catalog_signature& by) {
  return {{"at", std::to_string(by.at)}, {"maker", by.maker}, {"checker", by.checker}, {"note", by.note}};
}

catalog_signature signature_of(const lines& all) {
  catalog_signature by{0, value_of(all, "maker"), value_of(all, "checker"), value_of(all, "note")};
  const std::string at = value_of(all, "at");
  std::from_chars(at.data(), at.data() + at.size(), by.at);
  return by;
}

stored_catalog read_version(const std::string& folder, std::uint32_t version) {
  stored_catalog out;
  out.version = version;
  const lines accepted = read_sealed(folder + "/" + accepted_name);
  for (const auto& [key, value] : accepted)
    if (key == "file") out.files.push_back({value, storage::read_small_file(folder + "/" + value)});
  out.hash = storage::hash_of(out.files);
  out.accepted = signature_of(accepted);
  if (value_of(accepted, "sha256") != out.hash || value_of(accepted, "version") != std::to_string(version))
    throw storage::storage_failure(folder + " is damaged: its files are not those that were accepted");
  if (const std::string retired = folder + "/" + retired_name; std::filesystem::exists(retired))
    out.retired = signature_of(read_sealed(retired));
  return out;
}

}  // namespace

std::vector<stored_catalog> catalog_store::load() const {
  namespace fs = std::filesystem;
  std::vector<stored_catalog> out;
  if (!fs::exists(folder_)) return out;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".new")) continue;  // a crash came before it was accepted
    std::uint32_t version = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
    if (error != std::errc() || end != name.data() + name.size())
      throw storage::storage_failure(entry.path().string() + " is no version of a catalogue");
    out.push_back(read_version(entry.path(), version));
  }
  std::ranges::sort(out, {}, &stored_catalog::version);
  return out;
}

void catalog_store::accept(const stored_catalog& next) {
  lines accepted = lines_of(next.accepted);
  accepted.insert(accepted.begin(), {{"version", std::to_string(next.version)}, {"sha256", next.hash}});
  for (const storage::small_file& f : next.files) accepted.emplace_back("file", f.name);
  std::vector<storage::small_file> all = next.files;
  all.push_back({accepted_name, sealed_text(accepted)});
  storage::write_folder(folder_, std::to_string(next.version), all);
}

void catalog_store::retire(std::uint32_t version, const catalog_signature& by) {
  storage::write_small_file(folder_ + "/" + std::to_string(version), {retired_name, sealed_text(lines_of(by))});
}

}  // namespace payloom::app
