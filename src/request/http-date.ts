const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Days of 400 years, after which the calendar repeats. */
const ERA = 146_097

/** From 1 March of year 0 to 1 January 1970. Years that begin in March have their leap day at the end. */
const TO_EPOCH = 719_468

/** `Thu, 01 Jan 1970 00:00:00 GMT` (RFC 9110, 5.6.7) for whole seconds since then; from then to the year 9999. */
export function httpDate(secondsSince1970: number): string {
  const days = Math.floor(secondsSince1970 / 86_400)
  const seconds = Math.floor(secondsSince1970) - days * 86_400
  const hour = Math.floor(seconds / 3600)
  const minute = Math.floor((seconds % 3600) / 60)
  const time = `${digits(hour)}:${digits(minute)}:${digits(seconds % 60)}`
  return `${DAYS[days % 7] ?? ''}, ${date(days + TO_EPOCH)} ${time} GMT`
}

/** `day` counts from 1 March of year 0, in the Gregorian calendar. */
function date(day: number): string {
  const era = Math.floor(day / ERA)
  const ofEra = day % ERA
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  // From March on, months are 31, 30, 31, 30, 31 days long, and again: 153 days for each five.
  const monthFromMarch = Math.floor((5 * ofYear + 2) / 153)
  const dayOfMonth = ofYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 2 : monthFromMarch - 10
  const year = era * 400 + yearOfEra + (month < 2 ? 1 : 0)
  return `${digits(dayOfMonth)} ${MONTHS[month] ?? ''} ${year}`
}

function digits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`
}
