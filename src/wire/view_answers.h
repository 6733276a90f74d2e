// The catalogue of views as rows. Pure.
#pragma once

#include "admin/view_catalogue.h"
#include "query/result.h"

namespace lode::wire {

// One row a view; where it stands is the caller's to say.
query::Result view_rows(const admin::ViewCatalogue& catalogue);

}  // namespace lode::wire
