s/^  void (\*release)(/  int32_t (*release)(/
