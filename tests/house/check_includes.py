#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether each source includes what it uses of the precompiled headers: itself, or by headers of the project.

    tests/house/check_includes.py [ROOT]

Precompiled headers (CMakeLists.txt, tests/CMakeLists.txt) would hide a missing #include. Prints one line per finding,
"file:line: what is wrong", and exits 1 where there is any.
"""
import pathlib
import re
import sys

# The names that matter of each header. Not here: what every header of the standard library brings along (size_t, move,
# pair, initializer_list).
NAMES = {
    "algorithm": "adjacent_find all_of any_of binary_search clamp copy copy_if copy_n count count_if equal equal_range "
                 "fill fill_n find find_if find_if_not for_each generate includes inplace_merge is_sorted is_sorted_until "
                 "lexicographical_compare lower_bound max max_element merge min min_element minmax minmax_element mismatch "
                 "next_permutation none_of nth_element partial_sort partition partition_point pop_heap push_heap ranges "
                 "remove_if replace replace_if reverse rotate search set_difference set_intersection set_union shuffle sort "
                 "stable_partition stable_sort transform unique unique_copy upper_bound",
    "array": "array to_array",
    "atomic": "atomic",
    "bit": "bit_cast bit_ceil bit_floor bit_width countl_zero countr_one countr_zero endian has_single_bit popcount",
    "charconv": "from_chars to_chars",
    "chrono": "chrono",
    "cmath": "acos acosh asin atan atan2 cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs floor fma fmax fmin fmod "
             "frexp hypot ilogb isfinite isinf isnan ldexp lgamma llround log log10 log1p log2 lround modf nan nearbyint "
             "nextafter pow remainder rint round signbit sin sinh sqrt tan tanh tgamma trunc",
    "csignal": "raise sig_atomic_t signal",
    "cstdint": "int16_t int32_t int64_t int8_t intmax_t intptr_t uint16_t uint32_t uint64_t uint8_t uintmax_t uintptr_t",
    "cstdio": "fclose fflush fopen fprintf fputs freopen perror printf puts rename snprintf",
    "cstdlib": "_Exit abort aligned_alloc atof atoi calloc exit free getenv malloc quick_exit realloc strtod strtol system",
    "cstring": "memchr memcmp memcpy memmove memset strchr strcmp strerror strlen strncmp strncpy strstr",
    "ctime": "gmtime localtime mktime strftime time time_t",
    "deque": "deque",
    "exception": "current_exception exception exception_ptr make_exception_ptr rethrow_exception terminate",
    "filesystem": "filesystem",
    "fstream": "fstream ifstream ofstream",
    "functional": "bind_front cref divides equal_to function greater greater_equal invoke less less_equal minus multiplies "
                  "not_equal_to not_fn plus ref reference_wrapper",
    "iomanip": "setfill setprecision setw",
    "iostream": "cerr cin clog cout",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "enable_shared_from_this make_shared make_unique shared_ptr unique_ptr weak_ptr",
    "mutex": "call_once lock_guard mutex once_flag scoped_lock unique_lock",
    "numbers": "numbers",
    "numeric": "accumulate adjacent_difference exclusive_scan gcd inclusive_scan inner_product iota lcm midpoint "
               "partial_sum reduce",
    "optional": "nullopt optional",
    "queue": "priority_queue queue",
    "random": "minstd_rand mt19937 mt19937_64 normal_distribution random_device uniform_int_distribution "
              "uniform_real_distribution",
    "regex": "regex regex_match regex_replace regex_search smatch",
    "set": "multiset set",
    "span": "as_bytes as_writable_bytes span",
    "sstream": "istringstream ostringstream stringstream",
    "stdexcept": "invalid_argument logic_error out_of_range runtime_error",
    "string": "basic_string getline stod stof stoi stol stoll stoul stoull string to_string",
    "string_view": "string_view",
    "system_error": "errc error_code generic_category system_category system_error",
    "thread": "jthread this_thread thread",
    "tuple": "apply ignore make_tuple tie tuple tuple_element_t tuple_size_v",
    "type_traits": "conditional_t decay_t enable_if_t is_arithmetic_v is_enum_v is_same_v remove_reference_t",
    "unordered_map": "unordered_map unordered_multimap",
    "unordered_set": "unordered_multiset unordered_set",
    "variant": "get_if holds_alternative monostate variant variant_alternative_t variant_size_v visit",
    "vector": "vector",
    "fmt/format.h": "fmt",
    "gtest/gtest.h": "TEST TEST_F TEST_P TYPED_TEST testing",
    "gmock/gmock.h": "EXPECT_THAT ASSERT_THAT",
}
HEADER_OF = {name: header for header, names in NAMES.items() for name in names.split()}
ALSO_IN = {  # headers that are made of those
    "array": {"tuple"}, "exception": {"stdexcept"}, "fmt/format.h": {"fmt/core.h"}, "gtest/gtest.h": {"gmock/gmock.h"},
    "string": {"filesystem", "fstream"}, "string_view": {"string"}, "system_error": {"filesystem"},
}

FOLDERS = ["include", "src", "jobs", "tests"]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
NO_CODE = re.compile(r'//[^\n]*|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.DOTALL)
USE = re.compile(r"\bstd::(\w+)|(?<!::)\b(fmt|testing)::|^\s*((?:TYPED_)?TEST\w*|(?:EXPECT|ASSERT)_THAT)\(", re.MULTILINE)


class Checkout:
    """The sources below `root`, and what they include."""

    def __init__(self, root):
        self.root = root
        self.sources = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.[ch]pp"))
        self.places = [root / "include", root / "src", *sorted({path.parent for path in self.sources})]

    def found(self, source, name):
        """The file of the project that `source` means by "name", or None."""
        candidates = (folder / name for folder in [source.parent, *source.parents[:3], *self.places])
        return next((path for path in candidates if path.is_file()), None)

    def headers_of(self, source, seen):
        """Foreign headers that `source` includes, also by headers of the project."""
        seen.add(source)
        headers = set()
        for quote, name in INCLUDE.findall(source.read_text(encoding="utf-8")):
            own = self.found(source, name) if quote == '"' else None
            if own is None:
                headers.add(name)
            elif own not in seen:
                headers |= self.headers_of(own, seen)
        return headers

    def findings(self, source):
        """(line, text) of each header that is missing, where it is needed first."""
        headers = self.headers_of(source, set())
        text = NO_CODE.sub(lambda match: "\n" * match[0].count("\n"), source.read_text(encoding="utf-8"))
        for match in USE.finditer(text):
            name = match[1] or match[2] or match[3]
            header = HEADER_OF.get(name)
            if header and not headers & {header, *ALSO_IN.get(header, ())}:
                headers.add(header)
                yield text.count("\n", 0, match.end()) + 1, f"{name} is used without #include <{header}>"


def main(arguments):
    checkout = Checkout(pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parents[2]).resolve())
    num_findings = 0
    for source in checkout.sources:
        for line, text in checkout.findings(source):
            num_findings += 1
            print(f"{source.relative_to(checkout.root)}:{line}: {text}")
    print(f"{len(checkout.sources)} files, {num_findings} findings")
    return 1 if num_findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
