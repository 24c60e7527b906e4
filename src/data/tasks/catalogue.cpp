// SPDX-License-Identifier: Apache-2.0
#include "data/tasks/tasks.hpp"

namespace seqsweep::data {

std::span<const CatalogueEntry<Task>> task_catalogue() {
  static const std::array catalogue = {
      CatalogueEntry<Task>{"adding", "add two marked numbers of a long sequence", tasks::adding()},
      CatalogueEntry<Task>{"copy_memory", "repeat symbols seen long ago", tasks::copy_memory()},
      CatalogueEntry<Task>{"mackey_glass", "forecast a chaotic series", tasks::mackey_glass()},
      CatalogueEntry<Task>{"sine", "forecast noisy sine waves", tasks::sine()},
  };
  return catalogue;
}

}  // namespace seqsweep::data
