// tests/support/pipeline_texts.cpp -- convolutions, scatters, pooling, softmax, tuples, data-dependent reads.
#include "tests/support/pipeline_texts.h"

namespace heddle::test {

const std::vector<std::string>& pipeline_texts() {
    static const std::vector<std::string> texts = {
        // A padded convolution, with bias and activation.
        "b: f32[64]\n"
        "x: f32[8,64,56,56]\n"
        "w: f32[64,64,3,3]\n"
        "y: f32[8,64,56,56]\n"
        "z: f32[8,64,56,56]\n"
        "y[n,k,p,q] = b[k]\n"
        "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]\n"
        "z[n,k,p,q] = max(y[n,k,p,q], 0.0)\n",
        // A transposed convolution: a scatter.
        "x: bf16[2,8,5,5]\n"
        "v: bf16[8,4,4,4]\n"
        "u: bf16[2,4,10,10]\n"
        "u[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]\n",
        // Run-time sizes.
        "N in [1,4096]\n"
        "x: f32[N,3*N+2]\n"
        "y: f32[N]\n"
        "y[n] += x[n,c]\n",
        // Extents that no shape gives.
        "x: f32[2,8,8]\n"
        "y: f32[2,4,4]\n"
        "y[n,p,q] max= skip(x)[n,2*p+r-1,2*q+s-1] | r<3 s<3\n",
        // Boundaries.
        "x: f32[16]\n"
        "y: f32[16]\n"
        "y[n] = replicate(x)[n+1] + reflect(x)[n-2] + symmetric(x)[n+2] + circular(x)[n-3] + constant(x, -1.5)[n-1]\n",
        // Softmax, the maximum a constant to derivatives; one output is read by the other.
        "x: f16[4,10]\n"
        "m: f32[4]\n"
        "e: f32[4,10]\n"
        "s: f32[4]\n"
        "y: f32[4,10]\n"
        "m[n] max= x[n,c]\n"
        "e[n,c] = exp(x[n,c] - stop_gradient(m[n]))\n"
        "s[n] += e[n,c]\n"
        "y[n,c] = e[n,c] / s[n]\n"
        "output y, m\n",
        // A tuple.
        "x: f32[4,10]\n"
        "m: f32[4]\n"
        "i: i64[4]\n"
        "(m[n], i[n]) reduce argmax {(-inf, -1); (a0, a1), (b0, b1) -> (max(a0, b0), select(a0 < b0, b1, a1))} "
        "(x[n,c], c)\n",
        // Positions, and reads that depend on data.
        "t: i32[7]\n"
        "x: f64[4,10]\n"
        "i: i32[4]\n"
        "g: f64[7]\n"
        "i[n] argmax= x[n,c]\n"
        "g[j] = x[index(t[j],4),index_clamped(i[index(t[j]%4,4)],10)]\n",
        // Scalars, products, casts and conditions.
        "x: i8[6]\n"
        "a: f32[]\n"
        "p: f64[]\n"
        "s: i32[]\n"
        "y: u8[6]\n"
        "p[] *= f64(x[c]) + 0.1\n"
        "s[] += x[c]\n"
        "y[n] = select(f32(x[n]) < a[] && !(n % 3 == 1), i32(f32(x[n]) * 2.0), s[] - (s[] - i8(s[])))\n",
        // Printing while it runs.
        "x: f32[6]\n"
        "y: f32[6]\n"
        "y[n] = print_when(x[n] < 0.0, \"a \\\"negative\\\"\", sqrt(x[n]), n, x[n])\n",
    };
    return texts;
}

}  // namespace heddle::test
