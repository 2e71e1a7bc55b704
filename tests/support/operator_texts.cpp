// tests/support/operator_texts.cpp -- operators as texts.
#include "tests/support/operator_texts.h"

namespace heddle::test {

const std::vector<OperatorText>& operator_texts() {
    static const std::vector<OperatorText> texts = {
        {"conv_nhwc",
         "x: f32[2,14,14,24]\nw: f32[48,3,3,24]\ny: f32[2,14,14,48]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]"},
        {"conv_nhwc_large",
         "x: f32[4,56,56,64]\nw: f32[64,3,3,64]\ny: f32[4,56,56,64]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]"},
        {"conv_nhwc_odd",
         "x: f32[1,9,11,5]\nw: f32[19,3,5,5]\ny: f32[1,9,11,19]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-2,c] * w[k,r,s,c]"},
        {"conv_stem",
         "x: f32[2,32,32,3]\nw: f32[64,7,7,3]\ny: f32[2,16,16,64]\n"
         "y[n,p,q,k] += zero(x)[n,2*p+r-3,2*q+s-3,c] * w[k,r,s,c]"},
        {"conv_nchw",
         "x: f32[2,12,14,14]\nw: f32[40,12,3,3]\ny: f32[2,40,14,14]\n"
         "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]"},
        {"conv_bias_activation",
         "b: f32[20]\nx: f32[2,8,20,20]\nw: f32[20,8,3,3]\nt: f32[2,20,18,18]\ny: f32[2,20,18,18]\n"
         "t[n,k,p,q] = b[k]\nt[n,k,p,q] += x[n,c,p+r,q+s] * w[k,c,r,s]\ny[n,k,p,q] = max(t[n,k,p,q], 0.0)"},
        {"conv_grouped",
         "x: f32[2,10,10,3,8]\nw: f32[3,16,3,3,8]\ny: f32[2,10,10,3,16]\n"
         "y[n,p,q,g,k] += zero(x)[n,p+r-1,q+s-1,g,c] * w[g,k,r,s,c]"},
        {"conv_f64", "x: f64[2,9,9,6]\nw: f64[10,3,3,6]\ny: f64[2,7,7,10]\ny[n,p,q,k] += x[n,p+r,q+s,c] * w[k,r,s,c]"},
        {"conv_bf16",
         "x: bf16[2,9,9,6]\nw: bf16[10,3,3,6]\ny: bf16[2,7,7,10]\ny[n,p,q,k] += x[n,p+r,q+s,c] * w[k,r,s,c]"},
        {"conv_i8", "x: i8[2,9,9,6]\nw: i8[10,3,3,6]\ny: i32[2,7,7,10]\ny[n,p,q,k] += x[n,p+r,q+s,c] * w[k,r,s,c]"},
        {"weight_gradient_nhwc",
         "g: f32[4,40,40,16]\nx: f32[4,40,40,12]\nd: f32[16,3,3,12]\n"
         "d[k,r,s,c] += g[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]"},
        {"weight_gradient_long",
         "g: f32[8,48,48,64]\nx: f32[8,48,48,12]\nd: f32[3,3,12,64]\n"
         "d[r,s,c,k] += g[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]"},
        {"weight_gradient_nchw",
         "g: f32[4,16,14,14]\nx: f32[4,12,14,14]\nd: f32[16,12,3,3]\n"
         "d[k,c,r,s] += g[n,k,p,q] * zero(x)[n,c,p+r-1,q+s-1]"},
        {"input_gradient_stem",
         "g: f32[2,16,16,64]\nw: f32[64,7,7,3]\nd: f32[2,16,16,3]\n"
         "d[n,h,v,c] += zero(g)[n,h-r+3,v-s+3,k] * w[k,r,s,c]"},
        {"input_gradient_strided_nchw",
         "g: f32[2,40,10,10]\nw: f32[40,24,3,3]\nd: f32[2,24,20,20]\n"
         "d[n,c,i,j] += zero(g)[n,k,(i+1)/2-a,(j+1)/2-b] * zero(w)[k,c,2*a+(i+1)%2,2*b+(j+1)%2] | a<2 b<2"},
        {"input_gradient_strided_odd",
         "g: f32[2,20,7,9]\nw: f32[20,5,5,3]\nd: f32[2,5,19,17]\n"
         "d[n,c,i,j] += zero(g)[n,k,(i+1)/3-a,j/2-b] * zero(w)[k,c,3*a+(i+1)%3,2*b+j%2] | a<2 b<2"},
        {"input_gradient_strided_stem",
         "g: f32[2,16,16,64]\nw: f32[64,7,7,3]\nd: f32[2,32,32,3]\n"
         "d[n,i,j,c] += zero(g)[n,(i+1)/2-a+1,(j+1)/2-b+1,k] * zero(w)[k,2*a+(i+1)%2,2*b+(j+1)%2,c] | a<4 b<4"},
        {"upsample_nhwc",
         "x: f32[2,6,7,40]\nw: f32[40,24,2,2]\ny: f32[2,12,14,24]\n"
         "y[n,i,j,k] += x[n,i/2,j/2,c] * w[c,k,i%2,j%2]"},
        {"depthwise_input_gradient_strided",
         "g: f32[2,6,14,14]\nw: f32[6,3,3]\nd: f32[2,6,28,28]\n"
         "d[n,c,i,j] += zero(g)[n,c,(i+1)/2-a,(j+1)/2-b] * zero(w)[c,2*a+(i+1)%2,2*b+(j+1)%2] | a<2 b<2"},
        {"grouped_fused_nhwc",
         "x: f32[2,9,9,32]\nw: f32[32,3,3,4]\ny: f32[2,9,9,32]\n"
         "y[n,p,q,j] += zero(x)[n,p+r-1,q+s-1,c+4*(j/4)] * w[j,r,s,c]"},
        {"grouped_strided_nhwc",
         "x: bf16[2,9,23,32]\nw: bf16[32,3,3,4]\ny: bf16[2,5,12,32]\n"
         "y[n,p,q,j] += zero(x)[n,2*p+r-1,2*q+s-1,c+4*(j/4)] * w[j,r,s,c]"},
        {"grouped_input_gradient_nhwc",
         "g: f32[2,9,19,32]\nw: f32[32,3,3,4]\nd: f32[2,9,19,32]\n"
         "d[n,h,v,j] += zero(g)[n,h-r+1,v-s+1,i+4*(j/4)] * w[i+4*(j/4),r,s,j%4] | i<4"},
        {"grouped_weight_gradient_nhwc",
         "g: f32[2,9,9,32]\nx: f32[2,9,9,32]\nd: f32[32,3,3,4]\n"
         "d[j,r,s,c] += g[n,p,q,j] * zero(x)[n,p+r-1,q+s-1,c+4*(j/4)]"},
        {"depthwise_weight_gradient_nchw",
         "g: f32[4,6,20,23]\nx: f32[4,6,20,23]\nd: f32[6,3,3]\n"
         "d[c,r,s] += g[n,c,p,q] * zero(x)[n,c,p+r-1,q+s-1]"},
        {"conv_1d", "x: f32[2,100,8]\nw: f32[12,5,8]\ny: f32[2,96,12]\ny[n,p,k] += x[n,p+r,c] * w[k,r,c]"},
        {"conv_3d",
         "x: f32[1,6,6,6,8]\nw: f32[8,3,3,3,8]\ny: f32[1,4,4,4,8]\n"
         "y[n,t,p,q,k] += x[n,t+u,p+r,q+s,c] * w[k,u,r,s,c]"},
        {"linear", "x: f32[64,128]\nw: f32[100,128]\ny[n,k] += x[n,c] * w[k,c]"},
        {"linear_one_row", "x: f32[1,512]\nw: f32[100,512]\ny[n,k] += x[n,c] * w[k,c]"},
        {"linear_dynamic", "N in [1,4096]\nx: f32[N,128]\nw: f32[100,128]\ny: f32[N,100]\ny[n,k] += x[n,c] * w[k,c]"},
        {"linear_weight_gradient", "g: f32[64,100]\nx: f32[64,128]\nd[k,c] += g[n,k] * x[n,c]"},
        {"gram", "x: f32[40,60]\ny: f32[40,40]\ny[i,j] += x[i,c] * x[j,c]"},
        {"batched_product", "a: f32[4,30,20]\nb: f32[4,20,50]\ny[g,i,j] += a[g,i,c] * b[g,c,j]"},
        {"scaled_product", "a: f32[30,20]\nb: f32[20,50]\ny[i,j] += -a[i,c] * b[c,j] * 0.5"},
        {"max_pool_nhwc",
         "x: f32[2,33,33,20]\ny: f32[2,17,17,20]\nr < 3\ns < 3\ny[n,p,q,c] max= skip(x)[n,2*p+r-1,2*q+s-1,c]"},
        {"max_pool_nchw",
         "x: f32[2,20,33,33]\ny: f32[2,20,17,17]\nr < 3\ns < 3\ny[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1]"},
        {"max_pool_offsets",
         "x: f32[2,20,32,32]\ny: u8[2,20,16,16]\nr < 2\ns < 2\ny[n,c,p,q] argmax= x[n,c,2*p+r,2*q+s]"},
        {"depthwise_nhwc",
         "x: f32[2,20,20,40]\nw: f32[3,3,40]\ny: f32[2,20,20,40]\ny[n,p,q,c] += zero(x)[n,p+r-1,q+s-1,c] * w[r,s,c]"},
        {"depthwise_nchw",
         "x: f32[2,10,40,40]\nw: f32[10,7,7]\ny: f32[2,10,40,40]\ny[n,c,p,q] += zero(x)[n,c,p+r-3,q+s-3] * w[c,r,s]"},
        {"depthwise_weight_gradient",
         "g: f32[2,20,20,40]\nx: f32[2,22,22,40]\nd: f32[3,3,40]\nd[r,s,c] += g[n,p,q,c] * x[n,p+r,q+s,c]"},
        {"reflect_pad", "x: f32[3,30,30]\ny: f32[3,36,36]\ny[c,h,v] = reflect(x)[c,h-3,v-3]"},
        {"blur", "x: u8[64,65]\nk: f32[5,5]\ny: f32[64,65]\ny[i,j] += replicate(x)[i+r-2,j+s-2] * k[r,s]"},
        {"elementwise", "x: f32[8,16,30,31]\ny[n,c,h,v] = max(x[n,c,h,v], 0.0)"},
        {"elementwise_1d", "x: f32[100003]\ny[i] = exp(x[i])"},
        {"transpose", "x: f32[100,130]\ny[j,i] = x[i,j]"},
        {"diagonal", "x: f32[30]\ny: f32[30,30]\ny[i,i] = x[i]"},
        {"softmax", "x: f32[64,100]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]"},
        {"softmax_over_channels",
         "x: f32[2,21,9,70]\nm[n,p,q] max= x[n,c,p,q]\ns[n,p,q] += exp(x[n,c,p,q] - m[n,p,q])\n"
         "y[n,c,p,q] = exp(x[n,c,p,q] - m[n,p,q]) / s[n,p,q]"},
        {"softmax_odd_rows",
         "x: f32[3,1031]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]"},
        {"softmax_odd_rows_of_halves",
         "x: f16[5,2053]\nm: f32[5]\ns: f32[5]\ny: f16[5,2053]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\n"
         "y[n,c] = exp(x[n,c] - m[n]) / s[n]"},
        {"softmax_gradient_with_its_forward",
         "x: f32[7,1030]\ng: f32[7,1030]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\n"
         "y[n,c] = exp(x[n,c] - m[n]) / s[n]\nt[n] += g[n,c] * y[n,c]\nd[n,c] = (g[n,c] - t[n]) * y[n,c]"},
        {"row_maximum_position", "x: f32[64,100]\ny: i64[64]\ny[n] argmax= x[n,c]"},
        {"column_sums", "x: f32[2,30,30,70]\ny[k] += x[n,p,q,k]"},
        {"channel_sums", "x: f32[2,70,30,30]\ny[k] += x[n,k,p,q]"},
        {"total", "x: f32[100,100]\ny[] += x[i,j]"},
        {"scalar", "x: f32[]\ny[] = x[] + 1.0"},
        {"matrix_vector", "a: f32[200,300]\nx: f32[300]\ny[i] += a[i,j] * x[j]"},
        {"tiny", "x: f32[1,1,1,1]\nw: f32[1,1,1,1]\ny: f32[1,1,1,1]\ny[n,p,q,k] += x[n,p+r,q+s,c] * w[k,r,s,c]"},
        {"empty", "x: f32[0,5]\ny[n,c] = x[n,c]"},
        {"scatter",
         "x: f32[2,8,5,5]\nv: f32[8,4,4,4]\nu: f32[2,4,10,10]\nu[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]"},
        {"interleave", "x: f32[20,3]\ny: f32[60]\ny[3*i+j] = x[i,j]"},
        {"gather_rows", "t: i32[70]\nx: f32[40,100]\ny: f32[70,100]\ny[j,c] = x[index(t[j],40),c]"},
        {"histogram", "t: i32[1000]\ny: i32[16]\ny[index(t[j],16)] += 1i32"},
    };
    return texts;
}

}  // namespace heddle::test
