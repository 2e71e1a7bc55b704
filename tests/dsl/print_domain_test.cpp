// tests/dsl/print_domain_test.cpp -- definitions with their domains, and as mathematics.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle {
namespace {

struct Row {
    const char* text;
    const char* with_domain;
    const char* mathematics;
};

const Row rows[] = {
    {"x: f32[8,64,56,56]; w: f32[64,64,3,3]\ny[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s] | p<56 q<56",
     "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s] | n<8 k<64 p<56 q<56 | c<64 r<3 s<3",
     "y[n,k,p,q] = Σ_{c<64, r<3, s<3} x°[n, c, p+r-1, q+s-1] · w[k,c,r,s]    (x° = x padded with zeros)   n<8 k<64 "
     "p<56 q<56"},
    {"x: f32[5]; v: f32[4]; u: f32[10]\nu[2*p+r-1] += x[p] * v[r]",  //
     "u[2*p+r-1] += x[p] * v[r] | p<5 r<4", "u[2p+r-1] += x[p] · v[r]   p<5 r<4"},
    {"x: f32[5]; s: f32[]\ns[] max= x[c] + 1", "s[] max= x[c] + 1.0 | | c<5", "s[] = max_{c<5} (x[c] + 1)"},
    {"N in [1,9]; x: f32[N]\ny[n] = sqrt(abs(x[n])) | n<N", "y[n] = sqrt(abs(x[n])) | n<N", "y[n] = √(|x[n]|)   n<N"},
    {"x: f32[6]\ny[n] = symmetric(x)[n-1] - circular(x)[n/2] * reflect(x)[n] | n<6",
     "y[n] = symmetric(x)[n-1] - circular(x)[n/2] * reflect(x)[n] | n<6",
     "y[n] = x°[n-1] - x°°[⌊n/2⌋] · x°°°[n]    (x° = x mirrored, the edge repeated, x°° = x repeated periodically, "
     "x°°° = x mirrored, the edge not repeated)   n<6"},
};

TEST(print_domain, lists_free_then_reduced_variables) {
    for (const Row& row : rows) {
        ParseContext context;
        const auto defined = parse_definitions(row.text, context);
        EXPECT_EQ(print_with_domain(*defined.at(0).node()->definitions.back()), row.with_domain);
    }
}

TEST(print_domain, reads_back) {
    for (const Row& row : rows) {
        ParseContext context;
        const AnyTensor target = parse_definitions(row.text, context).at(0);
        const std::string text = print_with_domain(*target.node()->definitions.back());
        context.tensors.erase(target.name());
        context.tensors.emplace(target.name(), AnyTensor(target.name(), target.type(), target.shape()));
        const AnyTensor again = parse_definitions(text, context).at(0);
        EXPECT_EQ(print_with_domain(*again.node()->definitions.back()), text);
    }
}

TEST(print_domain, as_mathematics) {
    for (const Row& row : rows) {
        ParseContext context;
        const auto defined = parse_definitions(row.text, context);
        EXPECT_EQ(print_mathematics(*defined.at(0).node()->definitions.back()), row.mathematics);
    }
}

}  // namespace
}  // namespace heddle
