#include "actors/app/catalog_book.hpp"

#include <algorithm>
#include <stdexcept>

#include "config/catalog/payment_loader.hpp"
#include "config/file_text.hpp"
#include "config/payments/shipped_payments.hpp"
#include "storage/ports.hpp"

namespace payloom::app {

using core::catalog::catalog_entry;
using core::catalog::catalog_registry;

namespace {

using catalog_ptr = std::shared_ptr<const core::catalog::payment_catalog>;

catalog_ptr read_files(const catalog_files& files, const std::string& prefix, const config::ledger_directory& ledgers,
                       const core::catalog::payment_catalog* before, std::vector<std::string>& problems) {
  const auto text_of = [&](std::string_view name) {
    const auto at = std::ranges::find(files, name, &storage::small_file::name);
    return at == files.end() ? std::string() : at->text;
  };
  const config::payment_catalog_result read = config::read_payment_catalog(text_of, ledgers, {prefix, before});
  for (const config::problem& p : read.problems) problems.push_back(config::to_string(p));
  return read.value;
}

void fail(const std::string& what, const std::vector<std::string>& problems) {
  std::string all = what;
  for (const std::string& p : problems) all += "\n  " + p;
  throw std::runtime_error(all);
}

}  // namespace

catalog_book::catalog_book(std::string source, const config::ledger_directory& ledgers,
                           const std::string& data_directory, time_ns now)
    : source_(std::move(source)), ledgers_(ledgers), store_(data_directory), stored_in_(data_directory + "/catalogs/") {
  restore();
  catalog_signature by;
  by.at = now;
  const catalog_outcome taken = reload(by);
  if (!taken.accepted()) fail("payments.folder: the catalogue is wrong", taken.problems);
}

void catalog_book::restore() {
  std::vector<stored_catalog> all = store_.load();
  std::vector<catalog_entry> entries;
  for (stored_catalog& one : all) {
    std::vector<std::string> problems;
    const std::string prefix = stored_in_ + std::to_string(one.version) + "/";
    const auto* before = entries.empty() ? nullptr : entries.back().catalog.get();
    const catalog_ptr made = read_files(one.files, prefix, ledgers_, before, problems);
    if (made && made->version() != one.version) problems.push_back(prefix + ": it says another version of itself");
    if (!problems.empty()) fail("a version of the catalogue that orders began with cannot be read any more", problems);
    entries.push_back({made, one.retired.has_value()});
    stored_.push_back(std::move(one));
  }
  if (entries.empty()) return;
  if (std::ranges::all_of(entries, &catalog_entry::retired))
    fail("every version of the catalogue is retired: remove a RETIRED file", {});
  registry_ = std::make_shared<const catalog_registry>(std::move(entries));
}

catalog_files catalog_book::read_source(std::vector<std::string>& problems) const {
  catalog_files files;
  for (const config::shipped_file& shipped : config::shipped_files()) {
    std::optional<std::string> text(shipped.text);
    if (!source_.empty()) text = config::read_file_text(source_ + "/" + std::string(shipped.name));
    if (!text || text->size() > config::file_bytes_max) {
      for (const config::problem& p : config::load_payment_catalog(source_, ledgers_).problems)
        problems.push_back(config::to_string(p));
      if (problems.empty()) problems.push_back(source_ + ": its files changed while they were read: try again");
      return files;
    }
    files.push_back({std::string(shipped.name), std::move(*text)});
  }
  return files;
}

void catalog_book::check_version(std::uint32_t version, std::vector<std::string>& problems) const {
  if (!registry_) return;
  const std::string what = "version: " + std::to_string(version);
  if (registry_->find(version) != nullptr) {
    problems.push_back(what + " is known with other content: orders began with it, so raise `version` in all files");
  } else if (version < registry_->newest().version()) {
    problems.push_back(what + " is older than " + std::to_string(registry_->newest().version()) + ": count on");
  } else if (stored_.size() >= limits::catalog_versions_max) {
    problems.push_back(what + " is one too many: a data directory holds " +
                       std::to_string(limits::catalog_versions_max));
  }
}

void catalog_book::check_expected(std::uint32_t version, std::uint32_t expected, std::vector<std::string>& problems) {
  if (expected == 0 || version == expected) return;
  problems.push_back("version: " + std::to_string(version) + " is in the folder, but " + std::to_string(expected) +
                     " was asked for");
}

catalog_outcome catalog_book::reload(const catalog_signature& by, std::uint32_t expected, bool only_check) {
  catalog_outcome out;
  stored_catalog next;
  next.files = read_source(out.problems);
  if (!out.problems.empty()) return out;
  next.hash = storage::hash_of(next.files);
  if (const auto at = std::ranges::find(stored_, next.hash, &stored_catalog::hash); at != stored_.end()) {
    out.version = at->version;
    out.known = true;
    check_expected(out.version, expected, out.problems);
    return out;
  }
  const std::string prefix = source_.empty() ? "" : source_ + "/";
  const catalog_ptr made =
      read_files(next.files, prefix, ledgers_, registry_ ? &registry_->newest() : nullptr, out.problems);
  if (!made) return out;
  out.version = next.version = made->version();
  check_expected(out.version, expected, out.problems);
  check_version(out.version, out.problems);
  if (!out.accepted() || only_check) return out;
  const core::catalog::catalog_header& header = made->header();
  const auto first_of = [](const std::string& a, const std::string& b) { return a.empty() ? b : a; };
  next.accepted = {by.at, first_of(by.maker, header.maker), first_of(by.checker, header.checker),
                   first_of(by.note, header.note)};
  store(std::move(next), out);
  if (out.accepted()) registry_ = registry_ ? registry_->with(made) : catalog_registry::of(made);
  return out;
}

/// Durable first: whatever is in the journal later, its version is there at the next start.
void catalog_book::store(stored_catalog next, catalog_outcome& out) {
  try {
    store_.accept(next);
    stored_.push_back(std::move(next));
  } catch (const storage::storage_failure& e) {
    out.problems.push_back(std::string("it cannot be stored: ") + e.what());
  }
}

catalog_outcome catalog_book::retire(std::uint32_t version, const catalog_signature& by) {
  catalog_outcome out;
  out.version = version;
  const auto at = std::ranges::find(stored_, version, &stored_catalog::version);
  if (at == stored_.end()) {
    out.problems.push_back("version " + std::to_string(version) + " is not known");
  } else if (at->retired) {
    out.known = true;
  } else if (!registry_->may_retire(version, by.at)) {
    out.problems.push_back("no order could begin without version " + std::to_string(version));
  } else {
    try {
      store_.retire(version, by);
      at->retired = by;
      registry_ = registry_->retire(version);
    } catch (const storage::storage_failure& e) {
      out.problems.push_back(std::string("it cannot be stored: ") + e.what());
    }
  }
  return out;
}

}  // namespace payloom::app
