// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/schema.hpp"

namespace seqsweep::data::schema {

using h5::Kind;

h5::RowType sequence_row() {
  return {{{"start", Kind::i64, offsetof(SequenceRow, start), 0, "", "first step, a row of /features or /tokens"},
           {"length", Kind::i32, offsetof(SequenceRow, length), 0, "", "number of steps"},
           {"split", Kind::i32, offsetof(SequenceRow, split), 0, "", "0 train, 1 validation, 2 test"}},
          sizeof(SequenceRow)};
}

h5::RowType column_row() {
  return {{{"name", Kind::text, offsetof(ColumnRow, name), name_bytes, "", "name of the column or class"},
           {"mean", Kind::f32, offsetof(ColumnRow, mean), 0, "", "of the training part; 0 where not normalised"},
           {"sd", Kind::f32, offsetof(ColumnRow, sd), 0, "", "of the training part; 1 where not normalised"}},
          sizeof(ColumnRow)};
}

h5::RowType name_row() {
  return {{{"name", Kind::text, offsetof(NameRow, name), name_bytes, "", "the token"}}, sizeof(NameRow)};
}

h5::RowType floor_row() {
  return {{{"split", Kind::text, offsetof(FloorRow, split), sizeof(FloorRow::split), "", "part of the data set"},
           {"loss", Kind::f64, offsetof(FloorRow, loss), 0, "", "of normalised targets"},
           {"accuracy", Kind::f64, offsetof(FloorRow, accuracy), 0, "", "share of right answers"},
           {"mae", Kind::f64, offsetof(FloorRow, mae), 0, "", "mean absolute error in the target's unit"},
           {"rmse", Kind::f64, offsetof(FloorRow, rmse), 0, "", "root mean squared error in the target's unit"}},
          sizeof(FloorRow)};
}

}  // namespace seqsweep::data::schema
