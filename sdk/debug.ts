export default function overlay() {}
