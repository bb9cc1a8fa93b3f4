import Foundation

/// From an sRGB value in 0…1 to light (IEC 61966-2-1).
func decode(_ value: Double) -> Double {
  value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
}

/// From light to an sRGB value.
func encode(_ light: Double) -> Double {
  light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
}
