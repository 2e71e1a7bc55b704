// tests/support/special_values.cpp -- corners of each element type.
#include "tests/support/special_values.h"

#include <cmath>
#include <limits>

#include "tests/support/buffers.h"

namespace heddle::test {

std::vector<double> special_values(ScalarType type) {
    if (type == boolean) return {0, 1};
    if (is_float(type)) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        std::vector<double> values = {0.0,   -0.0,     1.0,     -1.0,  0.5,       1.5,      2.5,       -0.5,
                                      -1.5,  3.25,     -7.5,    100.0, -100.0,    infinity, -infinity, std::nan(""),
                                      300.0, -40000.0, 65504.0, 0.1,   1.0 / 3.0, 5e-5,     -0.001};
        if (type != f16)
            for (const double large : {1e5, -3e9, 3e9, 1e19, -1e19, 1e30, 16777217.0, 1e-30}) values.push_back(large);
        if (type == f64)
            for (const double large : {1e300, -1e300, 9007199254740993.0, 4294967295.5}) values.push_back(large);
        return values;
    }
    std::vector<double> values = {0, 1, 2, 3, 7, 100, 127};
    if (is_signed(type))
        for (const double small : {-1, -2, -3, -7, -100, -128}) values.push_back(small);
    if (bytes_of(type) == 1 && !is_signed(type)) values.push_back(255);
    if (bytes_of(type) >= 2)
        for (const double large : {255, 256, 1000, 32767}) values.push_back(large);
    if (bytes_of(type) == 2) values.push_back(is_signed(type) ? -32768 : 65535);
    if (bytes_of(type) >= 4)
        for (const double large : {-32768.0, 65536.0, 2147483647.0, -2147483648.0, 123456789.0})
            values.push_back(large);
    if (bytes_of(type) == 8)
        for (const double large : {4294967296.0, -9223372036854775808.0, 9007199254740992.0, -4294967297.0})
            values.push_back(large);
    return values;
}

Buffer special_buffer(ScalarType type) {
    const std::vector<double> values = special_values(type);
    return buffer_of(type, {static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace heddle::test
