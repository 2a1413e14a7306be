#pragma once
// What every definition of the payment catalogue shares: where it was written down, and what is wrong with it. The
// checks of the catalogue are pure: they get definitions with places and give problems with places; only the reader
// (config/catalog) knows the file.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace payloom::core::catalog {

/// Where something stands in its file; both from 1, 0 when it stands nowhere (made by a test, or the file as a whole).
struct source_place {
  int line = 0;
  int column = 0;
  friend bool operator==(const source_place&, const source_place&) = default;
};

/// A name that was written down: of the thing defined, or of another one that is referred to.
struct placed_name {
  std::string text;
  source_place at;
};

/// True for what may name a thing of the catalogue: a letter, then letters, digits and _, at most
/// `limits::catalog_name_bytes_max` bytes.
bool is_catalog_name(std::string_view text);

/// One thing that is wrong, as a sentence that says what to do about it.
struct definition_problem {
  source_place at;
  std::string message;
  /// The word that is not known, when that is what is wrong ("" when none was written), and the words that are: whoever
  /// shows the problem suggests the nearest.
  std::optional<std::string> unknown;
  std::vector<std::string> known;
};

/// Collects everything that is wrong; whoever checks goes on after a problem, so that all are shown at once.
class problem_list {
 public:
  void add(source_place at, std::string message) { problems_.push_back({at, std::move(message), std::nullopt, {}}); }

  /// `what` begins the message: "machine sale: unknown state".
  void add_unknown(const placed_name& wrong, std::string what, std::vector<std::string> known) {
    problems_.push_back({wrong.at, std::move(what) + " " + wrong.text, wrong.text, std::move(known)});
  }

  bool empty() const { return problems_.empty(); }
  std::size_t size() const { return problems_.size(); }
  const std::vector<definition_problem>& all() const { return problems_; }

 private:
  std::vector<definition_problem> problems_;
};

}  // namespace payloom::core::catalog
