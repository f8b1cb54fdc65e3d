import { writeShapes } from './shapes.js';
await writeShapes('images', 200);
console.log('200 captioned images in images/');
