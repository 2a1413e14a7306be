#pragma once
// The payment catalogue as it ships, held in the program: what is used where no folder is configured. Constant.
#include <span>
#include <string_view>

namespace payloom::config {

struct shipped_file {
  std::string_view name;  ///< "chart.yaml"
  std::string_view text;
};

/// All files of the catalogue. Their texts live as long as the program.
std::span<const shipped_file> shipped_files() noexcept;

/// The text of one file of the catalogue, "" when none has this name.
std::string_view shipped_payment_file(std::string_view name) noexcept;

}  // namespace payloom::config
