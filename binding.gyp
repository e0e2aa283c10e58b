{
  # The build that ships. Sources, flags, instruction sets and the Node-API level stand in
  # native/sources.gypi (strict JSON), which CMakeLists.txt reads too.
  "includes": ["native/sources.gypi"],
  "target_defaults": {
    "default_configuration": "Release",
    "configurations": {"Release": {"defines": ["NDEBUG"]}},
    "include_dirs": ["<@(include_dirs_shared)"],
    "cflags": ["<@(common_cflags)"],
    # gyp ignores cflags on macOS: the flags are said again.
    "xcode_settings": {
      "OTHER_CFLAGS": ["<@(common_cflags)"],
      "CLANG_CXX_LANGUAGE_STANDARD": "gnu++<(cxx_standard)",
      "GCC_OPTIMIZATION_LEVEL": "3",
      "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
      "MACOSX_DEPLOYMENT_TARGET": "11.0"
    },
    "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["<@(common_msvc)", "/std:c++<(cxx_standard)"]}},
    # Late, so that it stands after Node's own -std (17 in Node 20 and 22): the last one counts.
    "target_conditions": [["OS!='win'", {"cflags_cc": ["-std=gnu++<(cxx_standard)"]}]],
    "conditions": [
      # The kernels use vector extensions, so Windows needs ClangCL, a component of Visual Studio.
      # node-gyp 12 passes /GL and /LTCG, which lld rejects.
      ["OS=='win'", {
        "msbuild_toolset": "ClangCL",
        "msvs_settings": {
          "VCCLCompilerTool": {"WholeProgramOptimization": "false"},
          "VCLibrarianTool": {"AdditionalOptions!": ["/LTCG:INCREMENTAL"]},
          "VCLinkerTool": {"AdditionalOptions!": ["/LTCG:INCREMENTAL"]}
        }
      }]
    ]
  },
  "targets": [
    {
      "target_name": "<(addon_name)",
      "sources": ["<@(addon_sources)"],
      "dependencies": ["<(addon_name)_core"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["<@(addon_defines)"],
      "conditions": [
        # nodelete: threads may outlive the worker that loaded the library, so it is never unloaded.
        ["OS=='linux'", {"ldflags": ["<@(addon_ldflags_linux)"]}]
      ]
    },
    {
      # Everything but N-API.
      "target_name": "<(addon_name)_core", "type": "static_library", "win_delay_load_hook": "false",
      "sources": ["<@(core_sources)"],
      "conditions": [
        ["target_arch=='x64'", {"dependencies": ["kernels_sse2", "kernels_avx2", "kernels_avx512"]}],
        ["target_arch=='arm64'", {"dependencies": ["kernels_neon"]}]
      ],
      "dependencies": ["kernels_scalar"]
    },
    {
      "target_name": "kernels_scalar", "type": "static_library", "win_delay_load_hook": "false",
      "sources": ["<@(kernel_sources)"], "defines": ["<@(isa_scalar_defines)"],
      "cflags": ["<@(isa_scalar_cflags)"],
      "xcode_settings": {"OTHER_CFLAGS": ["<@(isa_scalar_cflags)"]},
      "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["<@(isa_scalar_msvc)"]}}
    }
  ],
  # One library per instruction set; gyp has no loops.
  "conditions": [
    ["target_arch=='x64'", {
      "targets": [
        {
          "target_name": "kernels_sse2", "type": "static_library", "win_delay_load_hook": "false",
          "sources": ["<@(kernel_sources)"], "defines": ["<@(isa_sse2_defines)"],
          "cflags": ["<@(isa_sse2_cflags)"],
          "xcode_settings": {"OTHER_CFLAGS": ["<@(isa_sse2_cflags)"]},
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["<@(isa_sse2_msvc)"]}}
        },
        {
          "target_name": "kernels_avx2", "type": "static_library", "win_delay_load_hook": "false",
          "sources": ["<@(kernel_sources)"], "defines": ["<@(isa_avx2_defines)"],
          "cflags": ["<@(isa_avx2_cflags)"],
          "xcode_settings": {"OTHER_CFLAGS": ["<@(isa_avx2_cflags)"]},
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["<@(isa_avx2_msvc)"]}}
        },
        {
          "target_name": "kernels_avx512", "type": "static_library", "win_delay_load_hook": "false",
          "sources": ["<@(kernel_sources)"], "defines": ["<@(isa_avx512_defines)"],
          "cflags": ["<@(isa_avx512_cflags)"],
          "xcode_settings": {"OTHER_CFLAGS": ["<@(isa_avx512_cflags)"]},
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["<@(isa_avx512_msvc)"]}}
        }
      ]
    }],
    ["target_arch=='arm64'", {
      "targets": [
        {
          "target_name": "kernels_neon", "type": "static_library", "win_delay_load_hook": "false",
          "sources": ["<@(kernel_sources)"], "defines": ["<@(isa_neon_defines)"],
          "cflags": ["<@(isa_neon_cflags)"],
          "xcode_settings": {"OTHER_CFLAGS": ["<@(isa_neon_cflags)"]},
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["<@(isa_neon_msvc)"]}}
        }
      ]
    }]
  ]
}
