/// What small figures look like in a terminal without colours.
enum Golden {
    static let parabola = """
                          square
        y
        4 ┤S⡀                                 ⡔
          │ ⠱⣄                              ⢀⠎
          │  ⠘⢅⡀                           ⡠⠊
          │    ⠫⡂                        ⢀⠜
        2 ┤     ⠈⢗⠄                     ⡠⠃
          │       ⠑⠢○                ⣀⠔⠉
          │         ⠈⠙⠶⣀⢄⡀       ⢀⡠⠔⠊
        0 ┤             ⠉⠒⠪⠵⠤○⠤⠲⠶⠁⠤⠄⠠⠤ ⠤⠄⠠⠤ ⠤⠄⠠
          └┬────────┬────────┬───────┬────────┬
          -2       -1        0       1        2
                            x
                     ── x²   ○ path
        """

    static let gap = """
          │                       ⣀⠤⠒
        5 ┤                     ⠐⠉
          │
          │
          │       ⣀⠤
          │   ⣀⠤⠒⠉
        0 ┤⠤⠒⠉
          └┬───────┬────────┬───────┬
           0       2        4       6
        """

    static let map = """
        1.0 ┤ ░░░░░░░░░░░▓▓▓▓▓▓▓▓▓▓▓███████████
            │   ░░░░░░░░░░░▓▓▓▓▓▓▓▓▓▓▓█████████
            │    ░░░░░░░░░░░▓▓▓▓▓▓▓▓▓▓▓▓███████
        0.5 ┤     S⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤●⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤E█████
            │       ░░░░░░░░░░░░▓▓▓▓▓▓▓▓▓▓▓████
            │        ░░░░░░░░░░░░▓▓▓▓▓▓▓▓▓▓▓███
        0.0 ┤           ░░░░░░░░░░░▓▓▓▓▓▓▓▓▓▓▓█
            └┬──────────┬──────────┬──────────┬
             0          1          2          3
                 1   ░░▒▒▓▓██ 3   ● way
        """

    static let bars = """
          │        ⢰⣶⣶⣶⣶⣶⣶⣶⣶⡆
          │        ⢸⣿⣿⣿⣿⣿⣿⣿⣿⡇
        2 ┤        ⢸⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿
          │        ⢸⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿
          │⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿
        0 ┤⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿
          └┬───────┬────────┬───────┬
           0       1        2       3
                   ██ count
        """

    static let variants = """
        gap
        5 ┤  ⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔⠄
          │  ⢵⢕⢵⢵⢕⢵⢕⢵⢵⢕⢵⢕⢵⢵⠅
          │  ⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⠅
          │
          │
          │                   ⢐⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔⢔
        0 ┤                   ⠘⠝⠝⠕⠕⠝⠝⠝⠕⠕⠝⠝⠝⠕⠕
          └─────────┬────────────────┬─────────
                  plain          augmented
        """

    static let confusion = """
        confusion
        true ↓ predicted →   0   1  2  recall
        0 cat               50   3  ·   94.3%
        1 dog                4  46  ·   92.0%
        2 ant & bee          ·   1  9   90.0%
        """

    static let narrowConfusion = """
        confusion
        true ↓ predic…   0   1  2
        0 cat           50   3  ·
        1 dog            4  46  ·
        2 ant & bee      ·   1  9
        """

    static let image = """
        ramp
          ░░
        ▓▓██
        """

    static let filters = """
        conv1
          ░░    ▒▒▓▓    ██░▒
        ▓▓██    ▒▒▓     ░░▒▒

        0       1       2
        −max   ░▒▒▓██ max
        """

    static let layers = """
        gradients
        dense1.W █▊ 0.001
                 ███████▍ 0.01
        dense2.W █████████████ 0.1
                 -
        d3       ████████████████████████▏ 10
                 0
                 █ a   █ b
        """

    static let signedBars = """
        up         ████████████ 1
        down ██████ -0.5
        """

    static let flow = """
        Net                                  8 × 8 × 3
        ├─ conv1 3×3, 4 · batch_norm · relu  8 × 8 × 4  112
        ├─ 3 × unit1…3                       8 × 8 × 4
        │  └─ + of                           8 × 8 × 4
        │     ├─ 2 in a row
        │     │  ├─ conv1                    8 × 8 × 4
        │     │  └─ conv2                    8 × 8 × 4
        │     ├─ project1
        │     └─ its input
        └─ dense1 10                         10
        1 234 parameters
        """
}
