#include "wire/admin_kinds.h"

namespace lode::wire {

const std::vector<AdminKind>& admin_kinds() {
  static const std::vector<AdminKind> kKinds = {};
  return kKinds;
}

}  // namespace lode::wire
