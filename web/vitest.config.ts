import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [preact({ prefreshEnabled: false })],
  test: {
    setupFiles: ["tests/setup.ts"],
    include: ["tests/*.test.{ts,tsx}"],
    testTimeout: 20_000,
    restoreMocks: true,
  },
});
