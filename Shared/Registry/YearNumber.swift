/// The number of something that is counted through a year, as it is told and printed: `2018-0007`.
package func yearNumber(_ number: Int, in year: Int) -> String {
    "\(year)-\(String(repeating: "0", count: max(0, 4 - "\(number)".count)))\(number)"
}
